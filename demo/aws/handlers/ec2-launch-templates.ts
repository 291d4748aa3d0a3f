import {
  DescribeLaunchTemplateVersions$,
  type DescribeLaunchTemplateVersionsRequest,
  type DescribeLaunchTemplateVersionsResult,
} from '@aws-sdk/client-ec2';
import { ec2Operation } from './ec2-query.ts';
import { AwsFault, type Handler, type ServiceTable } from './types.ts';

/**
 * The one version of the launch template that an Auto Scaling group names; there are no other templates here. Its type is
 * that of the group's first instance, and absent for an empty group.
 */
const describeLaunchTemplateVersions: Handler<
  DescribeLaunchTemplateVersionsRequest,
  DescribeLaunchTemplateVersionsResult
> = (input, { region }) => {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = input;
  if ((id === undefined) === (name === undefined)) {
    throw new AwsFault('MissingParameter', 'Specify exactly one of LaunchTemplateId and LaunchTemplateName.');
  }
  for (const group of region.autoScalingGroups) {
    const template = group.LaunchTemplate ?? group.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification;
    if ((id ?? template?.LaunchTemplateId) !== template?.LaunchTemplateId) continue;
    if ((name ?? template?.LaunchTemplateName) !== template?.LaunchTemplateName) continue;
    const version = {
      LaunchTemplateId: template?.LaunchTemplateId,
      LaunchTemplateName: template?.LaunchTemplateName,
      VersionNumber: Number(template?.Version ?? '1'),
      DefaultVersion: true,
      LaunchTemplateData: { InstanceType: group.Instances?.[0]?.InstanceType as 'm7i.large' | undefined },
    };
    return { LaunchTemplateVersions: [version] };
  }
  const [code, what] =
    id === undefined
      ? ['InvalidLaunchTemplateName.NotFoundException', `with name ${name}`]
      : ['InvalidLaunchTemplateId.NotFound', `with template ID ${id}`];
  throw new AwsFault(code, `The specified launch template, ${what}, does not exist.`);
};

export const launchTemplateOperations: ServiceTable = {
  DescribeLaunchTemplateVersions: ec2Operation(DescribeLaunchTemplateVersions$, describeLaunchTemplateVersions),
};
