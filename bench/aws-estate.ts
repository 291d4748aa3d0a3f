/** The simulated AWS with a large estate, in a process of its own: `tsx bench/aws-estate.ts SIZE SPEED PORT-FILE`. */
import { createServer } from 'node:http';
import { createEstate } from '../demo/aws/estate.ts';
import { startAwsStandIn } from '../demo/aws/server.ts';
import { minimumSeconds } from '../demo/aws/throttle.ts';
import { ESTATES, type EstateName } from './estate-sizes.ts';

const [, , name = 'large', speedText = '10'] = process.argv;
const speed = Number(speedText);
const { size } = ESTATES[name as EstateName];
const world = createEstate({ ...size, now: () => new Date() });
const aws = await startAwsStandIn({ world, throttle: true, speed, journal: 'counts' });

/** What the bench asks between its measurements: addresses, accounts, and what the buckets saw. */
const control = createServer((_, response) => {
  const buckets = aws.buckets();
  response.end(
    JSON.stringify({
      counts: Object.fromEntries(aws.counts),
      denied: buckets.reduce((sum, bucket) => sum + bucket.denied, 0),
      // Half of each bucket, as the product takes it, all accounts at once.
      minimumSeconds: minimumSeconds(buckets, { speed, share: 0.5 }),
      violations: aws.violations.length,
      firstViolation: aws.violations[0] ?? null,
    }),
  );
});
control.listen(0, '127.0.0.1', () => {
  const address = control.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const accounts = world.accounts.map(({ id, name: called, readerRoleArn, externalId, regions }) => ({
    id,
    name: called,
    readerRole: readerRoleArn,
    externalId,
    regions: [...regions.keys()],
    ...(id === world.payer ? { payer: true } : {}),
  }));
  process.stdout.write(
    `${JSON.stringify({ url: aws.url, control: `http://127.0.0.1:${port}`, hub: world.hub, accounts })}\n`,
  );
});
process.on('SIGTERM', () => process.exit(0));
