/* DeploymentPreference: CodeDeploy shifts the alias's traffic. CloudFormation then says what it has of CodeDeploy. */
import { isObject, type JsonObject, type Value } from '../template/value.ts';
import { SamFault } from './error.ts';
import type { Expansion } from './expansion.ts';
import type { FunctionDraft } from './function-draft.ts';
import { addRole } from './role.ts';
import { compact, getAtt, isNoValue, listOf, ref, sub } from './values.ts';

const APPLICATION = 'ServerlessDeploymentApplication';
const SERVICE_ROLE = 'CodeDeployServiceRole';
const PREDEFINED = /^(AllAtOnce|(Canary10Percent|Linear10PercentEvery)\d+Minutes?)$/;

export function addDeployment(expansion: Expansion, draft: FunctionDraft): void {
  const { id, values, alias } = draft;
  const preference = values.DeploymentPreference;
  if (!isObject(preference)) return;
  const enabled = expansion.resolve(preference.Enabled ?? true);
  if (enabled === false || enabled === 'false' || isNoValue(enabled)) return;
  if (alias === undefined) {
    throw SamFault.ofResource(id, "'DeploymentPreference' requires AutoPublishAlias property to be specified.");
  }
  if (!preference.Type) throw SamFault.ofResource(id, "'DeploymentPreference' is missing required Property 'Type'");
  addGroup(expansion, draft, preference, expansion.resolve(preference.Type));
  const hooks = isObject(preference.Hooks) ? preference.Hooks : {};
  const update = compact({
    ApplicationName: ref(APPLICATION),
    DeploymentGroupName: ref(`${id}DeploymentGroup`),
    BeforeAllowTrafficHook: hooks.PreTraffic,
    AfterAllowTrafficHook: hooks.PostTraffic,
  });
  expansion.change(alias, (properties) => properties, { UpdatePolicy: { CodeDeployLambdaAliasUpdate: update } });
}

function addGroup(expansion: Expansion, { id, attributes }: FunctionDraft, preference: JsonObject, type: Value): void {
  expansion.add(APPLICATION, 'AWS::CodeDeploy::Application', { ComputePlatform: 'Lambda' });
  const alarms = listOf(preference.Alarms).map((Name) => ({ Name }));
  const properties = {
    AlarmConfiguration: alarms.length > 0 ? { Enabled: true, Alarms: alarms } : undefined,
    ApplicationName: ref(APPLICATION),
    AutoRollbackConfiguration: {
      Enabled: true,
      Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
    },
    DeploymentConfigName: PREDEFINED.test(String(type))
      ? sub('CodeDeployDefault.Lambda${ConfigName}', { ConfigName: type })
      : type,
    DeploymentStyle: { DeploymentType: 'BLUE_GREEN', DeploymentOption: 'WITH_TRAFFIC_CONTROL' },
    ServiceRoleArn: preference.Role ?? serviceRole(expansion),
    TriggerConfigurations: preference.TriggerConfigurations,
  };
  const condition = preference.PassthroughCondition === true && compact({ Condition: attributes.Condition });
  expansion.add(`${id}DeploymentGroup`, 'AWS::CodeDeploy::DeploymentGroup', properties, condition || {});
}

function serviceRole(expansion: Expansion): Value {
  addRole(expansion, {
    id: SERVICE_ROLE,
    service: 'codedeploy.amazonaws.com',
    policies: [{ managed: expansion.managedPolicyArn('service-role/AWSCodeDeployRoleForLambda') }],
    attributes: {},
  });
  return getAtt(SERVICE_ROLE, 'Arn');
}
