/** What image.json holds. */
export interface ImageRecord {
  readonly name: string;
  /** Content address: `sha256:` and 64 hexadecimal digits over recipe and packages. */
  readonly digest: string;
  readonly sizeMb: number;
  readonly createdAt: string;
  /** Whether a sandbox of it has a desktop to wait for. */
  readonly desktop: boolean;
  /** Size of disk for a sandbox whose owner names none. */
  readonly defaultDiskMb?: number;
}
