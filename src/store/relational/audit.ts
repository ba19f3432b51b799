import type { Database } from './relational.ts';
import type { AuditAction } from './schema.ts';

/** One administrative act. `details` never holds a secret. */
export interface AuditEvent {
  readonly at: number;
  readonly tenantId: string;
  /** The key that acted, or a name such as `init` for what was done at the console. */
  readonly actor: string;
  readonly action: AuditAction;
  /** What it was done to: a key's, tenant's or price version's id. */
  readonly target: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface Audit {
  /** Call it in the transaction of the act itself: neither is kept without the other. */
  record(tenantId: string, event: Omit<AuditEvent, 'tenantId'>): Promise<void>;
  /** Newest first, at most `limit`. */
  list(tenantId: string, limit: number): Promise<AuditEvent[]>;
}

export function createAudit(db: Database): Audit {
  return {
    async record(tenantId, event) {
      const { actor, action, target } = event;
      const details = JSON.stringify(event.details);
      await db
        .insertInto('audit_events')
        .values({ tenant_id: tenantId, at: new Date(event.at), actor, action, target, details })
        .execute();
    },
    async list(tenantId, limit) {
      const rows = await db
        .selectFrom('audit_events')
        .select(['at', 'tenant_id', 'actor', 'action', 'target', 'details'])
        .where('tenant_id', '=', tenantId)
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        at: row.at.getTime(),
        tenantId: row.tenant_id,
        actor: row.actor,
        action: row.action,
        target: row.target,
        details: row.details,
      }));
    },
  };
}
