/* Cognito: triggers of a user pool of the same template, which is changed to call the function. */
import { isObject } from '../../template/value.ts';
import { properties } from '../properties.ts';
import { getAtt, listOf, resourceNamed } from '../values.ts';
import { addPermission, type EventType, faultOf } from './source.ts';

export const COGNITO: EventType = {
  properties: properties('UserPool!:string Trigger!'),
  expand(expansion, event) {
    const { values, target } = event;
    const pool = resourceNamed(values.UserPool);
    if (pool === undefined || expansion.given.get(pool)?.type !== 'AWS::Cognito::UserPool') {
      throw faultOf(event, 'Cognito events must reference a Cognito UserPool in the same template.');
    }
    const prefix = `${target.id}Cognito`;
    addPermission(expansion, event, {
      principal: 'cognito-idp.amazonaws.com',
      sourceArn: getAtt(pool, 'Arn'),
      prefix,
    });
    const triggers = listOf(values.Trigger).map((trigger) => [String(trigger), target.arn]);
    expansion.change(pool, (given) => {
      const config = isObject(given.LambdaConfig) ? given.LambdaConfig : {};
      return { ...given, LambdaConfig: { ...config, ...Object.fromEntries(triggers) } };
    });
  },
};
