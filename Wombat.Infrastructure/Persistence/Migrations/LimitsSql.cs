namespace Wombat.Infrastructure.Persistence.Migrations;

/// <summary>What only SQL reads and writes of limits. Who created the earlier projects is in the audit.</summary>
internal static class LimitsSql
{
    public const string Up = """
        create table refusal_counts (
            minute timestamptz not null,
            source varchar(255) not null,
            status integer not null,
            refusals bigint not null,
            constraint pk_refusal_counts primary key (minute, source, status)
        );

        update projects p set created_by_id = e.actor_id
        from events e join users u on u.id = e.actor_id
        where e.action = 'project.created' and e.target_id = p.id and p.deleted_at is null;
        """;

    public const string Down = "drop table refusal_counts";
}
