namespace Wombat.Infrastructure.Persistence.Migrations;

/// <summary>
/// Events become the audit: partitioned by month, closed to changes, chained by hash. An id is a UUID v7, which begins with
/// the milliseconds of its making, so a month is a range of ids.
/// </summary>
internal static class AuditSql
{
    public const string Up = """
        alter table events rename to earlier_events;
        alter table earlier_events rename constraint pk_events to pk_earlier_events;
        drop index ix_events_xid;

        create table events (
            id uuid not null,
            at timestamptz not null,
            actor varchar(255) not null,
            through varchar(40) not null,
            action varchar(100) not null,
            target_type varchar(40) not null,
            target_id uuid not null,
            project_id uuid,
            outcome varchar(20) not null,
            request_id varchar(64),
            address varchar(64),
            before jsonb,
            after jsonb,
            xid xid8 not null default pg_current_xact_id(),
            constraint pk_events primary key (id)
        ) partition by range (id);
        create index ix_events_xid on events (xid);
        create index ix_events_actor on events (actor, id);
        create index ix_events_target on events (target_id, id);

        create function uuid_of_time(at timestamptz) returns uuid language sql immutable parallel safe as $$
            select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
        $$;

        -- Where no month has been made in time, nothing is lost; only dropping the old begins later.
        create table events_other partition of events default;

        create function ensure_event_partition(month date) returns void language plpgsql as $$
        declare
            name text := 'events_' || to_char(month, 'YYYY_MM');
            first uuid := uuid_of_time(date_trunc('month', month)::timestamp at time zone 'UTC');
            next uuid := uuid_of_time((date_trunc('month', month) + interval '1 month')::timestamp at time zone 'UTC');
        begin
            if to_regclass(name) is null and not exists (select 1 from events_other where id >= first and id < next) then
                execute format('create table %I partition of events for values from (%L) to (%L)', name, first, next);
            end if;
        end $$;

        select ensure_event_partition(month::date) from (select distinct date_trunc('month', at at time zone 'UTC') as month from earlier_events) months;
        insert into events (id, at, actor, through, action, target_type, target_id, project_id, outcome, request_id, address, before, after, xid)
        select id, at, actor, through, action, target_type, target_id, project_id, outcome, request_id, address, before, after, xid from earlier_events;
        drop table earlier_events;

        -- All that an event says, in a form that depends on no setting of a session.
        create function event_digest(e events) returns bytea language sql immutable parallel safe as $$
            select sha256(convert_to(jsonb_build_array(e.id, extract(epoch from e.at), e.actor, e.through, e.action, e.target_type, e.target_id, e.project_id,
                e.outcome, e.request_id, e.address, e.before, e.after)::text, 'UTF8'))
        $$;
        create function event_link(state bytea, previous bytea, place bigint, digest bytea) returns bytea language sql immutable parallel safe as $$
            select sha256(coalesce(state, previous) || int8send(place) || digest)
        $$;
        create aggregate event_chain(bytea, bigint, bytea) (sfunc = event_link, stype = bytea);

        alter table event_positions add column hash bytea;
        with links as (
            select p.position, event_chain('\x', p.position, event_digest(e)) over (order by p.position) as hash from event_positions p join events e on e.id = p.event_id
        )
        update event_positions p set hash = links.hash from links where links.position = p.position;
        alter table event_positions alter column hash set not null;

        alter table event_sequencer add column hash bytea not null default '\x', add column floor_position bigint not null default 0,
            add column floor_hash bytea not null default '\x', add column floor_key varchar(64), add column floor_signature bytea;
        update event_sequencer set hash = coalesce((select hash from event_positions order by position desc limit 1), '\x');

        create table audit_heads (
            day date constraint pk_audit_heads primary key,
            position bigint not null,
            hash bytea not null,
            key_id varchar(64) not null,
            signature bytea not null,
            signed_at timestamptz not null
        );

        create function audit_is_closed() returns trigger language plpgsql as $$
        begin
            raise exception 'the audit is append-only: % of % is refused', lower(tg_op), tg_table_name using errcode = 'insufficient_privilege';
        end $$;
        -- xid is no part of what happened; the sequencer sets it aside when a dump was restored.
        create trigger events_are_closed before delete or update of id, at, actor, through, action, target_type, target_id, project_id, outcome, request_id, address, before, after
            on events for each row execute function audit_is_closed();
        create trigger events_stay before truncate on events for each statement execute function audit_is_closed();
        create trigger heads_are_closed before delete or update on audit_heads for each row execute function audit_is_closed();
        create trigger heads_stay before truncate on audit_heads for each statement execute function audit_is_closed();

        -- Below the floor lies what retention has dropped.
        create function positions_are_closed() returns trigger language plpgsql as $$
        begin
            if tg_op = 'DELETE' and old.position <= (select floor_position from event_sequencer) then
                return old;
            end if;
            raise exception 'the audit is append-only: % of % is refused', lower(tg_op), tg_table_name using errcode = 'insufficient_privilege';
        end $$;
        create trigger positions_are_closed before update or delete on event_positions for each row execute function positions_are_closed();
        create trigger positions_stay before truncate on event_positions for each statement execute function audit_is_closed();
        """;

    public const string Down = """
        drop table audit_heads;
        drop trigger positions_are_closed on event_positions;
        drop trigger positions_stay on event_positions;
        alter table event_positions drop column hash;
        alter table event_sequencer drop column hash, drop column floor_position, drop column floor_hash, drop column floor_key, drop column floor_signature;
        create table later_events (like events including defaults);
        insert into later_events select * from events;
        drop aggregate event_chain(bytea, bigint, bytea);
        drop function event_link(bytea, bytea, bigint, bytea);
        drop function event_digest(events);
        drop table events;
        drop function ensure_event_partition(date), uuid_of_time(timestamptz), audit_is_closed(), positions_are_closed();
        alter table later_events rename to events;
        alter table events add constraint pk_events primary key (id);
        create index ix_events_xid on events (xid);
        """;
}
