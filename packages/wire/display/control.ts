import * as v from 'valibot';

/**
 * The display server's control API: HTTP on `guestDisplaySocket` for programs in the guest, and under `/api/` of port 6080 for those who have the password.
 *
 * | request | answers |
 * |---|---|
 * | `GET /status?wait=drawn&timeoutMs=30000` | DesktopStatus; with `wait`, when the desktop is drawn or the time is over |
 * | `GET /screenshot?format=png|jpeg|webp&quality=1-100&cursor=0|1` | the picture, header `X-Frame-Serial` |
 * | `GET /screen` | Screen |
 * | `GET /lease?wait=free&timeoutMs=30000`, `POST /lease` | Lease (`lease.ts`); with `wait`, when no person has the input or the time is over |
 * | `GET /windows` | DesktopWindow[], front to back; `GET /windows/active` one or 404 |
 */
export const ScreenSchema = v.object({ width: v.number(), height: v.number(), depth: v.number() });
export type Screen = v.InferOutput<typeof ScreenSchema>;

export const DesktopStatusSchema = v.object({
  /** X accepts, port 6080 answers. */
  ready: v.boolean(),
  /** A panel window is mapped and the picture is not one flat colour any more. */
  drawn: v.boolean(),
  viewers: v.number(),
  frameSerial: v.number(),
  screen: ScreenSchema,
});
export type DesktopStatus = v.InferOutput<typeof DesktopStatusSchema>;

export const DesktopWindowSchema = v.object({
  id: v.number(),
  title: v.string(),
  x: v.number(),
  y: v.number(),
  width: v.number(),
  height: v.number(),
  active: v.boolean(),
});
export type DesktopWindow = v.InferOutput<typeof DesktopWindowSchema>;
