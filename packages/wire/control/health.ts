import * as v from 'valibot';

/** `GET /health`. */
export const HealthSchema = v.object({ status: v.string(), version: v.string(), uptime_ms: v.number() });
export type Health = v.InferOutput<typeof HealthSchema>;
