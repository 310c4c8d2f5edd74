import { lazyLibrary } from './library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  memcmp: { args: ['u64', 'u64', 'u64'], returns: 'i32' },
  memmem: { args: ['u64', 'u64', 'u64', 'u64'], returns: 'u64' },
});

/** Compares native memory. A call costs about as much as comparing 16 bytes, so it pays for the shortest row of pixels. */
export type CompareNative = (addressA: number, addressB: number, bytes: number) => number;

/** memcmp itself: 0 where the bytes are equal. The caller vouches that both ranges are mapped. */
export function nativeCompare(): CompareNative {
  return libc().memcmp;
}

/** Where in native memory some bytes are found, as an address; 0 where they are not. */
export type FindNative = (address: number, bytes: number, wantedAddress: number, wantedBytes: number) => number;

/** memmem. The caller vouches that both ranges are mapped. */
export function nativeFind(): FindNative {
  const { memmem } = libc();
  return (address, bytes, wantedAddress, wantedBytes) => Number(memmem(address, bytes, wantedAddress, wantedBytes));
}
