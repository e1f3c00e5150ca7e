// What the locks are called and in which zone they stand. Learned once, as codes of theirs appear.
"use strict";

const locks = {
  known: new Map(), // device_id → {name, zone}
  asking: new Map(), // device_id → promise; also of those that could not be loaded lately

  // UTC where the lock's own zone is not known, which `zoneKnown` says.
  zoneOf(device_id) {
    return this.known.get(device_id)?.zone ?? "UTC";
  },

  zoneKnown(device_id) {
    return Boolean(this.known.get(device_id)?.zone);
  },

  nameOf(device_id) {
    return this.known.get(device_id)?.name ?? device_id ?? "Lock not known yet";
  },

  // What an answer said of a lock beside its code.
  note(device_id, name, zone) {
    if (device_id && (name || zone)) this.known.set(device_id, { name, zone: knownZone(zone) });
  },

  // Never fails: without an answer the id and UTC have to do.
  async learn(codes) {
    const ids = new Set(codes.map(({ device_id }) => device_id).filter((id) => id && !this.known.has(id)));
    await Promise.all([...ids].map((id) => {
      if (!this.asking.has(id)) this.asking.set(id, this.learnOne(id));
      return this.asking.get(id);
    }));
  },

  async learnOne(id) {
    try {
      const device = await connection.ask(`/v1/devices/${encodeURIComponent(id)}`);
      this.known.set(id, { name: device.name, zone: knownZone(device.iana_timezone) });
    } catch {
      setTimeout(() => this.asking.delete(id), 60_000); // perhaps it can be loaded later
    }
  },
};
