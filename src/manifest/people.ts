import { duration } from '../form/units.ts';
import { strict, text, z } from '../form/schema.ts';
import { name } from './names.ts';

const emailWords = 'an address (`name@example.com`)';
const email = z.string({ error: emailWords }).regex(/^[^\s@]+@[^\s@]+$/, { error: emailWords });
const phoneWords = 'a telephone number in quotes (`"+44 20 …"`)';
const phone = z.string({ error: phoneWords }).regex(/^[+\d][\dXx ()/.-]*$/, { error: phoneWords });

const person = { name: text().optional(), email: email.optional(), phone: phone.optional() };

/** Role → who holds it. Levels are those of the escalation (6.2): 1 at once, 2 from 15 m, 3 from 60 m. */
export const contacts = z.record(
  name,
  strict({
    ...person,
    level: z.int().min(1).max(3).default(1),
    respondWithin: duration.prefault('15m'),
    backup: strict(person).optional(),
  }),
);

const scenario = (role: string) =>
  strict({
    role: name.default(role),
    votes: z.int().min(1).default(1),
    fourEyes: z.boolean().default(true).meta({ description: 'nobody approves their own request' }),
    expires: duration.prefault('4h'),
  }).prefault({});

/** The five manual scenarios and the role that approves each (3.2). */
export const approvals = strict({
  experience: scenario('operations-manager'),
  integration: scenario('technical-lead'),
  logic: scenario('product-owner'),
  compliance: scenario('legal-compliance'),
  strategy: scenario('executive-team'),
});

const channels = ['email', 'webhook', 'slack', 'sms', 'ticket', 'in-app'] as const;
const moments = ['before', 'start', 'progress', 'completion', 'report'] as const;
const details = ['user', 'technical', 'business', 'support', 'regulatory'] as const;

/** Group → how, when and in what detail it is told (8.1). */
export const stakeholders = z.record(
  name,
  strict({
    channels: z.array(z.enum(channels)).min(1),
    to: z.array(text('an address of that channel')).default([]),
    when: z
      .array(z.enum(moments))
      .min(1)
      .default([...moments]),
    detail: z.enum(details),
  }),
);
