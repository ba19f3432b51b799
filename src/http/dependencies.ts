import type { Config } from '../config/schema.ts';
import type { Scope } from '../contracts/fields.ts';
import type { ExchangeRate } from '../core/currency.ts';
import type { BaseBook } from '../core/price-books.ts';
import type { PriceRates } from '../core/price-rates.ts';
import type { PriceRule } from '../core/price-rules.ts';
import type { SourceName } from '../core/samples.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Money } from '../lib/money.ts';
import type { AllocationQueries } from '../queries/allocations.ts';
import type { AssetQueries } from '../queries/assets.ts';
import type { CostQueries } from '../queries/cost-queries.ts';
import type { Evidence } from '../queries/evidence.ts';
import type { Explanations } from '../queries/explain.ts';
import type { NodeQueries } from '../queries/node-queries.ts';
import type { MetricQueries } from '../queries/opencost-metrics.ts';
import type { RecommendationQueries } from '../queries/recommendations.ts';
import type { SourceQueries } from '../queries/source-queries.ts';
import type { ParsedPost } from '../sources/source.ts';
import type { StoredFile, UploadedFile, UploadKey, UploadPart } from '../store/relational/uploads.ts';

/** All that the server is made of. The interfaces below are what it needs of each room, and no more. */
export interface ServerDeps {
  readonly settings: Pick<Config, 'http' | 'intake' | 'debugKubernetesApi' | 'uploads' | 'retention' | 'remoteWrite'>;
  readonly version: string;
  readonly access: Access;
  readonly rateLimiter: RateLimiter;
  readonly anonymous: Anonymous;
  readonly clusters: Clusters;
  readonly intake: Intake;
  readonly uploads: Uploads;
  readonly sourceLog: SourceLog;
  readonly costs: CostQueries;
  readonly allocations: AllocationQueries;
  readonly assets: AssetQueries;
  /** OpenCost's gauges. */
  readonly clusterMetrics: MetricQueries;
  readonly evidence: Evidence;
  readonly explanations: Explanations;
  readonly nodes: NodeQueries;
  readonly recommendations: RecommendationQueries;
  readonly sources: SourceQueries;
  readonly probes: Probes;
  /** The watches on a Kubernetes API; `null` where another replica has them, left out where there are none. */
  readonly watches?: () => Watches | null;
  /** Every sample that was durable by then is in the answers (milliseconds); `null` where another replica computes them. */
  readonly freshAsOf: () => number | null;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Logger;
  /** Folder of the built web page. */
  readonly webFolder: string;
}

/** Who is calling, as its key says. */
export interface Principal {
  readonly tenantId: string;
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  /** The only cluster it may speak of; `null` is any of its tenant's. */
  readonly clusterId: string | null;
}

/** Whoever administers checks for itself what `by` may do; the route's scope is the first of two doors. */
export interface Access {
  readonly authenticator: { authenticate(headers: RequestHeaders): Promise<Principal> };
  readonly accounts: { stateOf(accountId: string): Promise<'unknown' | 'locked' | 'open'> };
  readonly keys: {
    create(by: Principal, request: NewKey): Promise<IssuedKeyRecord>;
    list(by: Principal, page: KeyPage): Promise<KeyRecord[]>;
    revoke(by: Principal, keyId: string, tenantId?: string): Promise<KeyRecord>;
    rotate(by: Principal, keyId: string, options?: KeyRotation): Promise<IssuedKeyRecord>;
  };
  readonly tenants: {
    create(by: Principal, name: string): Promise<TenantRecord>;
    list(by: Principal, page: { limit: number; after?: string }): Promise<TenantRecord[]>;
  };
  readonly prices: {
    list(by: Principal): Promise<PriceHead[]>;
    get(by: Principal, id: string): Promise<PriceRecord>;
    add(by: Principal, version: NewPrice): Promise<PriceRecord>;
  };
  readonly currencies: {
    list(by: Principal): Promise<{ currency: string; rates: number; firstOn: number; lastOn: number }[]>;
    rates(by: Principal, currency: string): Promise<ExchangeRate[]>;
    put(by: Principal, request: OfCurrency & { rates: readonly ExchangeRate[] }): Promise<void>;
    remove(by: Principal, request: OfCurrency & { day?: number | undefined }): Promise<void>;
  };
}

export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface NewKey {
  readonly tenantId?: string | undefined;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly clusterName?: string | undefined;
  readonly expiresAt?: number | undefined;
}

export interface KeyPage {
  readonly tenantId?: string | undefined;
  readonly limit: number;
  readonly before?: string | undefined;
}

export interface KeyRotation {
  readonly tenantId?: string | undefined;
  readonly graceSeconds?: number | undefined;
}

export interface KeyRecord {
  readonly keyId: string;
  readonly tenantId: string;
  readonly clusterId: string | null;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly rotatedFrom: string | null;
  readonly lastUsedAt: number | null;
}

export interface IssuedKeyRecord extends KeyRecord {
  readonly secret: string;
}

export interface TenantRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
}

interface OfCurrency {
  readonly tenantId?: string | undefined;
  readonly currency: string;
}

export interface NewPrice {
  readonly tenantId?: string | undefined;
  readonly clusterId: string | null;
  readonly effectiveFrom: number;
  readonly base: BaseBook;
  readonly rates: PriceRates;
  readonly storageClasses: Readonly<Record<string, Money>>;
  readonly rules: readonly PriceRule[];
  readonly note: string;
}

export interface PriceRecord extends Omit<NewPrice, 'tenantId'> {
  readonly id: string;
  readonly tenantId: string | null;
  readonly currency: 'USD';
  readonly createdAt: number;
  readonly createdBy: string;
}

/** A price version without what may be long. */
export interface PriceHead extends Omit<PriceRecord, 'storageClasses' | 'rules'> {
  readonly storageClassCount: number;
  readonly ruleCount: number;
}

export interface RateLimiter {
  take(key: string): Promise<RateDecision>;
}

export interface RateDecision {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetSeconds: number;
  readonly retryAfterSeconds: number;
}

export interface Clusters {
  /** The tenant's cluster of this name, made when new; its id never changes. */
  resolve(tenantId: string, name: string, at: number): Promise<ClusterRecord>;
  /** The tenant's cluster that its own operator calls `externalId`, made when new. */
  resolveExternal(
    tenantId: string,
    cluster: { readonly externalId: string; readonly name: string },
    at: number,
  ): Promise<ClusterRecord>;
  /** Gives a cluster its external id where it has none and no other has it; what the cluster then is. */
  bindExternal(tenantId: string, id: string, externalId: string): Promise<ClusterRecord | undefined>;
  get(tenantId: string, id: string): Promise<ClusterRecord | undefined>;
  getByName(tenantId: string, name: string): Promise<ClusterRecord | undefined>;
  list(tenantId: string): Promise<ClusterRecord[]>;
  touch(tenantId: string, id: string, at: number): Promise<void>;
}

export interface ClusterRecord {
  readonly id: string;
  readonly name: string;
  /** What its own operator calls it; `null` where no source has said. */
  readonly externalId: string | null;
  readonly createdAt: number;
  readonly lastSeenAt: number | null;
}

export interface Intake {
  /** Resolves once the batch is durable. */
  accept(target: IntakeTarget, batch: ParsedPost['batch'], signal?: AbortSignal): Promise<void>;
}

export interface IntakeTarget {
  readonly tenant: string;
  readonly cluster: string;
}

/** Who a caller without a key is, by way in; `null` where such callers are refused. */
export interface Anonymous {
  uploads(): Promise<Principal | null>;
}

/** What became of uploads, by file; see store/relational/uploads.ts. */
export interface Uploads {
  record(key: UploadKey, files: readonly UploadedFile[], at: number): Promise<void>;
  files(tenantId: string, manifestUuid: string): Promise<StoredFile[]>;
  addPart(key: UploadKey, part: UploadPart, at: number): Promise<UploadPart[]>;
  parts(key: UploadKey): Promise<UploadPart[]>;
  dropParts(key: UploadKey): Promise<void>;
}

/** What sources bring, for people to see. Every way in calls it once a delivery, after the rows are durable. */
export interface SourceLog {
  /** Counts in memory; never fails and never waits. */
  note(target: IntakeTarget, source: SourceName, brought: SourceNote): void;
}

export interface SourceNote {
  readonly taken: number;
  /** Refused rows by reason. A reason says what was wrong and not with which row: only the latest 20 are kept. */
  readonly refused: Readonly<Record<string, number>>;
  /** The newest instant that the rows tell of (milliseconds); `null` where they tell of none. */
  readonly newestAt: number | null;
}

/** Kinds of objects by their key: `nodes`, `pods`, `pvcs`, `pvs` … */
export interface Watches {
  readonly initialized: readonly string[];
  /** For too long. */
  readonly down: readonly { readonly resource: string; readonly problem: string }[];
}

/** The stores behind the server. Columnar and relational are needed for anything; the cache for nothing. */
export interface Probes {
  readonly columnar: Probe;
  readonly relational: Probe;
  readonly cache: Probe;
}

export interface Probe {
  /** `embedded`, `clickhouse`, `pglite`, `postgres`, `memory` or `redis`. */
  readonly engine: string;
  ping(): Promise<boolean>;
}
