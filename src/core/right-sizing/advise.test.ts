import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../lib/clock.ts';
import { formatMoney, parseMoney } from '../../lib/money.ts';
import { type AdviceAims, advise } from './advise.ts';
import type { ResourceHistory, WorkloadHistory } from './history.ts';
import { monthlySavings, priceOf } from './monthly-savings.ts';
import { CPU_GRAIN, RAM_GRAIN, recommendRequest } from './recommend-request.ts';

const MILLICORE = 1_000n;
const MIB = 2n ** 20n;
const AIMS: AdviceAims = {
  cpu: { algorithm: 'max', targetUtilization: 0.7, min: 10n * MILLICORE },
  ram: { algorithm: 'max', targetUtilization: 0.7, min: 20n * MIB },
  observedHoursMin: 24,
};

function history(more: Partial<ResourceHistory> = {}): ResourceHistory {
  return { usageMax: 0n, usageMean: 0n, requested: 0n, held: 0n, cost: parseMoney('0'), ...more };
}

function workload(more: Partial<WorkloadHistory> = {}): WorkloadHistory {
  const seen = history({ usageMax: 1n, usageMean: 1n });
  const day = BigInt(24 * HOUR_MS);
  return { cpu: seen, ram: seen, runMs: day, lifeMs: day, observedHours: 24, lastSeenAt: 0, lastCoveredAt: 0, ...more };
}

describe('the request', () => {
  test('is the peak ÷ the target, rounded up, and never under the least', () => {
    const cpu = (millicores: bigint, target: number, want: bigint) =>
      expect(
        recommendRequest(
          history({ usageMax: millicores * MILLICORE, usageMean: 1n }),
          { ...AIMS.cpu, targetUtilization: target },
          CPU_GRAIN,
        ),
        `${millicores} m at ${target}`,
      ).toBe(want * MILLICORE);
    cpu(800n, 0.7, 1_143n); // Kubecost’s example: 800 m of any replica
    cpu(120n, 0.8, 150n);
    cpu(7n, 0.7, 10n);
    cpu(0n, 0.7, 10n);
    cpu(100n, 1, 101n); // the ledger keeps whole millicores: it may have been 100.9
    const ram = (mebibytes: bigint, target: number, want: bigint) =>
      expect(
        recommendRequest(history({ usageMax: mebibytes * MIB }), { ...AIMS.ram, targetUtilization: target }, RAM_GRAIN),
        `${mebibytes} MiB at ${target}`,
      ).toBe(want * MIB);
    ram(300n, 0.7, 429n);
    ram(300n, 1, 300n);
    ram(1n, 0.7, 20n);
  });

  test('is not known where no use was ever seen', () => {
    expect(recommendRequest(history({ requested: 500_000n }), AIMS.cpu, CPU_GRAIN)).toBeNull();
  });

  test('of no target that is none', () => {
    for (const targetUtilization of [0, -0.1, 1.1, 1e-9, Number.NaN]) {
      expect(() => recommendRequest(history(), { ...AIMS.cpu, targetUtilization }, CPU_GRAIN)).toThrow(RangeError);
    }
  });

  test('is never below the most that was used, at any target', () => {
    const amount = fc.bigInt({ min: 1n, max: 2n ** 45n });
    const target = fc.double({ min: 0.000_001, max: 1, noNaN: true });
    fc.assert(
      fc.property(amount, target, (usageMax, targetUtilization) => {
        const used = history({ usageMax, usageMean: usageMax / 2n });
        const [cpu, ram] = [
          recommendRequest(used, { ...AIMS.cpu, targetUtilization }, CPU_GRAIN) ?? 0n,
          recommendRequest(used, { ...AIMS.ram, targetUtilization }, RAM_GRAIN) ?? 0n,
        ];
        expect(cpu % MILLICORE).toBe(0n);
        expect(ram % MIB).toBe(0n);
        expect(cpu).toBeGreaterThanOrEqual(usageMax + CPU_GRAIN.cutOff - 1n);
        expect(ram).toBeGreaterThanOrEqual(usageMax);
      }),
    );
  });
});

describe('the saving', () => {
  const hour = BigInt(HOUR_MS);
  // Two replicas for ten hours, each charged for one core at $0.10 a core-hour.
  const twoCores = history({ requested: 1_000_000n, held: 2n * 10n * 3_600n * 1_000_000n, cost: parseMoney('2') });
  const twoReplicas = { runMs: 20n * hour, lifeMs: 10n * hour };

  test('is freed × replicas × price × 730 h, and negative where more is advised', () => {
    const f = (recommended: bigint, want: string) =>
      expect(formatMoney(monthlySavings(twoCores, recommended, twoReplicas)), `${recommended}`).toBe(want);
    f(400_000n, '87.6'); // 0.6 cores × 2 × 0.10 × 730
    f(1_000_000n, '0');
    f(1_500_000n, '-73');
  });

  test('is that of what runs at a time, not of every pod there ever was', () => {
    const anHourADay = { runMs: 7n * hour, lifeMs: 7n * 24n * hour };
    const job = history({ requested: 1_000_000n, held: 7n * 3_600n * 1_000_000n, cost: parseMoney('0.7') });
    expect(formatMoney(monthlySavings(job, 0n, anHourADay))).toBe('3.041666666667'); // 730 / 24 × 0.10
  });

  test('is nothing where nothing was charged, and then there is no price', () => {
    const free = history({ requested: 1_000_000n });
    expect(monthlySavings(free, 0n, twoReplicas)).toBe(0n);
    expect(priceOf(free, 3_600_000_000n)).toBeNull();
    expect(formatMoney(priceOf(twoCores, 3_600_000_000n) ?? parseMoney('0'))).toBe('0.1');
  });

  test('of two halves of a workload is that of the whole', () => {
    const part = fc.record({ runMs: fc.bigInt(1n, 10n ** 9n), requested: fc.bigInt(0n, 10n ** 7n) });
    fc.assert(
      fc.property(part, fc.bigInt(0n, 10n ** 7n), ({ runMs, requested }, recommended) => {
        const resource = { ...twoCores, requested };
        const f = (ms: bigint) => monthlySavings(resource, recommended, { runMs: ms, lifeMs: 10n ** 10n });
        const apart = f(runMs) + f(runMs);
        const together = f(runMs * 2n);
        expect(together - apart <= 2n && apart - together <= 2n).toBe(true); // each is rounded
      }),
    );
  });
});

describe('advice', () => {
  test('is given for a workload that was watched long enough and runs, and else it is said why not', () => {
    const f = (more: Partial<WorkloadHistory>, want: string) => {
      const advice = advise(workload(more), AIMS);
      expect(typeof advice === 'string' ? advice : 'advice', JSON.stringify(Object.keys(more))).toBe(want);
    };
    f({}, 'advice');
    f({ observedHours: 23 }, 'too_new');
    f({ cpu: history(), ram: history() }, 'usage_unknown');
    f({ cpu: history(), ram: history(), observedHours: 0 }, 'usage_unknown');
    f({ cpu: history() }, 'advice');
    f({ lastCoveredAt: 23 * HOUR_MS }, 'advice');
    f({ lastCoveredAt: 24 * HOUR_MS }, 'gone');
  });

  test('on one resource alone says nothing of the other, and saves nothing there', () => {
    const advice = advise(workload({ cpu: history({ requested: 10n ** 6n, held: 1n, cost: parseMoney('1') }) }), AIMS);
    expect(advice).toMatchObject({ cpu: { recommended: null, monthlySavings: 0n }, ram: { recommended: 20n * MIB } });
  });
});
