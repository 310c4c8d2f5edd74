/** Of one message from a client; it leaves room for a file of 12 MB in base64. */
export const maxMessageBytes = 16_777_216;
