/**
 * Telepathy connections: handles, interests, connection managers and accounts.
 *
 * @packageDocumentation
 */

export {};
