import { z } from 'zod';
import { type Parcel, pack, type Shipment, unpack } from './parcel.ts';

/** Rows of one request, well under what a server takes by default. */
const ROWS_TOGETHER_MAX = 20_000;

const Samples = z.looseObject({
  source: z.string(),
  cluster_name: z.string().nullish(),
  containers: z.array(z.unknown()).optional(),
  nodes: z.array(z.unknown()).optional(),
  volumes: z.array(z.unknown()).optional(),
  balancers: z.array(z.unknown()).optional(),
  namespaces: z.array(z.unknown()).optional(),
  services: z.array(z.unknown()).optional(),
});
type Samples = z.infer<typeof Samples>;
const LISTS = ['containers', 'nodes', 'volumes', 'balancers', 'namespaces', 'services'] as const;

/**
 * The same parcels in fewer requests. A collector's post is one node at one instant and travels alone; those of the kind `samples` that speak of one cluster and one source become one, as far as one
 * request may hold them. In which order samples come makes no difference to a ledger.
 */
export async function together(parcels: readonly Parcel[]): Promise<Shipment[]> {
  const groups: { of: Parcel[]; samples: Samples | null }[] = [];
  for (const parcel of parcels) {
    const samples = parcel.kind === 'samples' ? await samplesOf(parcel) : null;
    const room = samples && groups.findLast((group) => group.samples && fit(group.samples, samples));
    if (samples && room?.samples) {
      room.of.push(parcel);
      join(room.samples, samples);
    } else groups.push({ of: [parcel], samples });
  }
  return await Promise.all(groups.map(({ of, samples }) => shipmentOf(of, samples)));
}

async function shipmentOf(of: readonly Parcel[], samples: Samples | null): Promise<Shipment> {
  const [first] = of;
  if (first && of.length === 1) return { parcel: first, of };
  return { parcel: { kind: 'samples', body: await pack(JSON.stringify(samples)) }, of };
}

/** Null where the body is none: it then travels alone, and the server says what is wrong with it. */
async function samplesOf({ body }: Parcel): Promise<Samples | null> {
  try {
    return Samples.parse(JSON.parse((await unpack(body)).toString()));
  } catch {
    return null;
  }
}

function fit(a: Samples, b: Samples): boolean {
  const alike = a.source === b.source && (a.cluster_name ?? null) === (b.cluster_name ?? null);
  return alike && rowsOf(a) + rowsOf(b) <= ROWS_TOGETHER_MAX;
}

function rowsOf(samples: Samples): number {
  return LISTS.reduce((sum, list) => sum + (samples[list]?.length ?? 0), 0);
}

function join(into: Samples, from: Samples): void {
  for (const list of LISTS) {
    const rows = from[list];
    if (!rows) continue;
    const existing = (into[list] ??= []);
    for (const row of rows) existing.push(row);
  }
}
