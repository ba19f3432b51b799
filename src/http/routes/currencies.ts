import {
  listCurrencies,
  listExchangeRates,
  putExchangeRates,
  removeExchangeRates,
} from '../../contracts/currencies.ts';
import { formatPerUsd, parseDay, parsePerUsd } from '../../core/currency.ts';
import { isoDay } from '../../lib/clock.ts';
import { AppError } from '../../lib/errors.ts';
import type { ServerDeps } from '../dependencies.ts';
import { principalOf } from '../plugins/auth.ts';
import type { AddRoute } from '../route.ts';

export function addCurrencyRoutes(add: AddRoute, { access }: Pick<ServerDeps, 'access'>): void {
  const { currencies } = access;

  add(listCurrencies, async ({ request }) => {
    const known = await currencies.list(principalOf(request));
    return {
      currencies: known.map(({ currency, rates, firstOn, lastOn }) => ({
        currency,
        rates,
        first_on: isoDay(firstOn),
        last_on: isoDay(lastOn),
      })),
    };
  });

  add(listExchangeRates, async ({ params: { currency }, request }) => {
    const rates = await currencies.rates(principalOf(request), currency);
    return {
      currency,
      rates: rates.map(({ effectiveOn, perUsd }) => ({
        effective_on: isoDay(effectiveOn),
        per_usd: formatPerUsd(perUsd),
      })),
    };
  });

  add(putExchangeRates, async ({ params: { currency }, body, request }) => {
    const rates = body.rates.map(({ effective_on, per_usd }) => ({
      effectiveOn: dayOf(effective_on),
      perUsd: parsePerUsd(per_usd),
    }));
    await currencies.put(principalOf(request), { tenantId: body.tenant_id, currency, rates });
    return { currency, rates: rates.length };
  });

  add(removeExchangeRates, async ({ params: { currency }, query, request }) => {
    const day = query.effective_on === undefined ? undefined : dayOf(query.effective_on);
    await currencies.remove(principalOf(request), { tenantId: query.tenant_id, currency, day });
    return { currency };
  });
}

function dayOf(text: string): number {
  const day = parseDay(text);
  if (day !== undefined) return day;
  throw new AppError('invalid_request', `"${text.slice(0, 20)}" is no day`, { details: { field: 'effective_on' } });
}
