namespace Wombat.Infrastructure.Persistence.Migrations;

/// <summary>
/// The client's trace id becomes part of what an event says; events from before have none, and their links hold as they are. Signed
/// heads get a number and a link to the one before.
/// </summary>
internal static class TracesSql
{
    public const string Up = $"""
        create or replace function event_digest(e events) returns bytea language sql immutable parallel safe as $$
            select sha256(convert_to((case when e.client_trace_id is not null then jsonb_build_array({Said}, e.actor_id, e.client_trace_id)
                when e.actor_id is null then jsonb_build_array({Said}) else jsonb_build_array({Said}, e.actor_id) end)::text, 'UTF8'))
        $$;
        drop trigger events_are_closed on events;
        create trigger events_are_closed before delete or update of {Closed}, client_trace_id on events for each row execute function audit_is_closed();

        -- Null in the heads of earlier versions.
        alter table audit_heads add column number bigint constraint ux_audit_heads_number unique, add column previous bytea;
        """;

    /// <summary>Before the column goes.</summary>
    public const string Down = $"""
        alter table audit_heads drop column number, drop column previous;
        create or replace function event_digest(e events) returns bytea language sql immutable parallel safe as $$
            select sha256(convert_to((case when e.actor_id is null then jsonb_build_array({Said}) else jsonb_build_array({Said}, e.actor_id) end)::text, 'UTF8'))
        $$;
        drop trigger events_are_closed on events;
        create trigger events_are_closed before delete or update of {Closed} on events for each row execute function audit_is_closed();
        """;

    private const string Said = "e.id, extract(epoch from e.at), e.actor, e.through, e.action, e.target_type, e.target_id, e.project_id, e.outcome, e.request_id, e.address, e.before, e.after";
    private const string Closed = "id, at, actor, through, action, target_type, target_id, project_id, outcome, request_id, address, before, after, actor_id";
}
