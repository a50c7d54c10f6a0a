import { countOutcomes, deviceOf, type Instances, newAddress, newNumber, Person } from './person';
import { wrongPin } from './simulator';

/** Verifies a number from start to end, then locks it for strangers. Requests go to the instances in turn. */
export async function expectMainFlow(instances: Instances): Promise<void> {
  const number = newNumber();
  const person = new Person(instances, newAddress());
  const { simulator } = instances;
  const sent = await person.send(number);
  expect([sent.status, sent.body.code]).toEqual([200, undefined]);
  const resent = await person.resend(sent.body.pinId);
  const pin = await simulator.pinFor(number);
  const wrong = await person.verify(sent.body.pinId, wrongPin(pin));
  const right = await person.verify(sent.body.pinId, pin);
  const again = await person.verify(sent.body.pinId, pin);
  expect([resent, wrong, right, again].map(({ status, body }) => [status, body.code])).toEqual([
    [200, undefined],
    [400, 'WRONG_PIN'],
    [200, undefined],
    [404, 'PIN_NOT_FOUND'],
  ]);
  expect(right.body).toMatchObject({ verified: true, phoneNumber: number, proof: expect.any(String) });
  expect(await simulator.messages(number)).toHaveLength(2);

  const known = person.with(deviceOf(right));
  expect(countOutcomes(await person.guess(number, 10))).toEqual({ '400 WRONG_PIN': 10 });
  expect((await person.at(newAddress()).send(number)).body.code).toBe('NUMBER_LOCKED');
  expect(countOutcomes(await known.prove(number))).toEqual({ '200': 2 });
}
