/*
 * Resource types of IAM.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
 */
import { instanceProfile } from './instance-profile-resource.ts';
import { groupPolicy, managedPolicy, policy, rolePolicy, userPolicy } from './policy-resources.ts';
import { role } from './role-resource.ts';
import { accessKey, group, user, userToGroupAddition } from './user-resources.ts';

export const resources = {
  'AWS::IAM::AccessKey': accessKey,
  'AWS::IAM::Group': group,
  'AWS::IAM::GroupPolicy': groupPolicy,
  'AWS::IAM::InstanceProfile': instanceProfile,
  'AWS::IAM::ManagedPolicy': managedPolicy,
  'AWS::IAM::Policy': policy,
  'AWS::IAM::Role': role,
  'AWS::IAM::RolePolicy': rolePolicy,
  'AWS::IAM::User': user,
  'AWS::IAM::UserPolicy': userPolicy,
  'AWS::IAM::UserToGroupAddition': userToGroupAddition,
};
