/* IoTRule and AlexaSkill: events of things that speak, and of things that are spoken to. */
import { properties } from '../properties.ts';
import { compact, ref, sub } from '../values.ts';
import { addPermission, type EventType } from './source.ts';

export const IOT_RULE: EventType = {
  properties: properties('Sql!:string AwsIotSqlVersion'),
  expand(expansion, event) {
    const { id, values, target } = event;
    const arn = `arn:${expansion.inputs.partition}:iot:\${AWS::Region}:\${AWS::AccountId}:rule/\${RuleName}`;
    addPermission(expansion, event, {
      principal: 'iot.amazonaws.com',
      sourceAccount: sub('${AWS::AccountId}'),
      sourceArn: sub(arn, { RuleName: ref(id) }),
    });
    const payload = compact({
      Sql: values.Sql,
      RuleDisabled: false,
      Actions: [{ Lambda: { FunctionArn: target.arn } }],
      AwsIotSqlVersion: values.AwsIotSqlVersion,
    });
    expansion.add(id, 'AWS::IoT::TopicRule', { TopicRulePayload: payload }, target.attributes);
  },
};

export const ALEXA_SKILL: EventType = {
  properties: properties('SkillId:string'),
  expand(expansion, event) {
    const eventSourceToken = event.values.SkillId;
    addPermission(expansion, event, { principal: 'alexa-appkit.amazon.com', eventSourceToken });
  },
};
