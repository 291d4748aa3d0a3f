/** What a real SDK client is about to sign. */
type Written = { body: string | Uint8Array; path: string; readonly headers: { [name: string]: string } };

/** Where in the client's stack the change belongs: the request is written by then, and not yet signed. */
export const BEFORE_SIGNING = { step: 'build', priority: 'high', name: 'bend' } as const;

/** A middleware of the SDK that changes each request; the signature then covers the changed one. */
export function bending(change: (request: Written) => void) {
  return <Args extends { request: unknown }, Answer>(next: (args: Args) => Answer) =>
    (args: Args): Answer => {
      change(args.request as Written);
      return next(args);
    };
}
