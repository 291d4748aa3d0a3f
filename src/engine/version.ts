/** Version of the decisions, written into every record. Raise it when the same input may give other bytes. */
export const ENGINE_VERSION = '0.1.0';
