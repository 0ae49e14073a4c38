/** Number of bytes of a transfer. */
export const TRANSFER_BYTES = 8 * 1024 * 1024;
