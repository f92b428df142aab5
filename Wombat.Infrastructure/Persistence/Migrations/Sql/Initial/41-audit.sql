-- The whole content of an event, in a form that does not depend on session settings.
create or replace function event_digest(e events) returns bytea language sql immutable parallel safe as $$
    select sha256(convert_to(jsonb_build_array(
        e.id, extract(epoch from e.at), e.actor, e.actor_id, e.through, e.action, e.target_type, e.target_id, e.project_id, e.outcome,
        e.request_id, e.client_trace_id, e.address, e.before, e.after)::text, 'UTF8'))
$$;

create or replace function event_link(state bytea, previous bytea, place bigint, digest bytea) returns bytea language sql immutable parallel safe as $$
    select sha256(coalesce(state, previous) || int8send(place) || digest)
$$;
create or replace aggregate event_chain(bytea, bigint, bytea) (sfunc = event_link, stype = bytea);

-- The audit is append-only. xid may change: the sequencer resets it after the restore of a dump.
create or replace function audit_is_closed() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is append-only: % of % is refused', lower(tg_op), tg_table_name using errcode = 'insufficient_privilege';
end $$;
create or replace trigger events_are_closed before delete or update of id, at, actor, through, action, target_type, target_id,
    project_id, outcome, request_id, address, before, after, actor_id, client_trace_id
    on events for each row execute function audit_is_closed();
create or replace trigger events_stay before truncate on events for each statement execute function audit_is_closed();
create or replace trigger heads_are_closed before delete or update on audit_heads for each row execute function audit_is_closed();
create or replace trigger heads_stay before truncate on audit_heads for each statement execute function audit_is_closed();

-- Positions up to the floor belong to events that the retention has dropped.
create or replace function positions_are_closed() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and old.position <= (select floor_position from event_sequencer) then
        return old;
    end if;
    raise exception 'the audit is append-only: % of % is refused', lower(tg_op), tg_table_name using errcode = 'insufficient_privilege';
end $$;
create or replace trigger positions_are_closed before update or delete on event_positions
    for each row execute function positions_are_closed();
create or replace trigger positions_stay before truncate on event_positions for each statement execute function audit_is_closed();
