-- Events are partitioned by month. An id is a UUID v7, which begins with the milliseconds of its creation, so a month is a range
-- of ids. EF Core creates a plain table; its columns are kept.
do $$
begin
    if (select relkind from pg_class where oid = 'events'::regclass) = 'r' then
        alter table events rename to events_plain;
        create table events (like events_plain including defaults) partition by range (id);
        drop table events_plain;
        alter table events add constraint pk_events primary key (id);
    end if;
end $$;

-- The transaction that wrote an event. By it the sequencer finds the events that have become visible since its last pass.
alter table events add column if not exists xid xid8 not null default pg_current_xact_id();
create index if not exists ix_events_xid on events (xid);
create index if not exists ix_events_actor on events (actor, id);
create index if not exists ix_events_target on events (target_id, id);

-- If the partition of a month was not created in time, no event is lost; only the removal of old events starts later.
create table if not exists events_other partition of events default;

create or replace function uuid_of_time(at timestamptz) returns uuid language sql immutable parallel safe as $$
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;

create or replace function ensure_event_partition(month date) returns void language plpgsql as $$
declare
    name text := 'events_' || to_char(month, 'YYYY_MM');
    first uuid := uuid_of_time(date_trunc('month', month)::timestamp at time zone 'UTC');
    next uuid := uuid_of_time((date_trunc('month', month) + interval '1 month')::timestamp at time zone 'UTC');
begin
    if to_regclass(name) is null and not exists (select 1 from events_other where id >= first and id < next) then
        execute format('create table %I partition of events for values from (%L) to (%L)', name, first, next);
    end if;
end $$;

create table if not exists event_sequencer (
    only_row boolean primary key default true check (only_row),
    position bigint not null,
    next_xid xid8 not null,
    open_xids xid8[] not null,
    hash bytea not null default '\x',
    floor_position bigint not null default 0,
    floor_hash bytea not null default '\x',
    floor_key varchar(64),
    floor_signature bytea
);
insert into event_sequencer (position, next_xid, open_xids) values (0, '0', '{}') on conflict do nothing;
alter table event_positions add column if not exists hash bytea not null;
