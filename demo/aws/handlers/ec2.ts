import { instanceOperations } from './ec2-instances.ts';
import { launchTemplateOperations } from './ec2-launch-templates.ts';
import { placeOperations } from './ec2-places.ts';
import { spotOperations } from './ec2-spot.ts';
import { windowOperations } from './ec2-windows.ts';
import type { ServiceTable } from './types.ts';

export const ec2Operations: ServiceTable = {
  ...instanceOperations,
  ...launchTemplateOperations,
  ...placeOperations,
  ...spotOperations,
  ...windowOperations,
};
