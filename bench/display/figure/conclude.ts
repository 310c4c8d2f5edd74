import { writeFileSync } from 'node:fs';
export async function conclude(report: unknown, outDir: string): Promise<void> {
  writeFileSync(outDir + '/figures.json', JSON.stringify(report));
}
