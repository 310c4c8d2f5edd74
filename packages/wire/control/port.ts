import * as v from 'valibot';

/** `GET /sandboxes/:id/ports`: TCP ports that something listens on in the sandbox, with the rule's URL where one is published. */
export const ListeningPortSchema = v.object({ container_port: v.number(), proxy_url: v.optional(v.string()) });
export type ListeningPort = v.InferOutput<typeof ListeningPortSchema>;
export const ListeningPortListSchema = v.array(ListeningPortSchema);
