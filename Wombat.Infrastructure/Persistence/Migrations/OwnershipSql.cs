namespace Wombat.Infrastructure.Persistence.Migrations;

/// <summary>Whose the tokens and the containers' own keys are that were there before either had an owner.</summary>
internal static class OwnershipSql
{
    public const string Up = """
        update access_tokens t set created_by_id = u.id from users u where u.login = t.created_by;
        update resources r set ssh_keys_owner_id = (
            select e.actor_id from events e where e.target_id = r.id and e.action = 'container.requested' order by e.id limit 1)
        where cardinality(r.ssh_keys) > 0;
        """;

    /// <summary>Before a key is unique over all users again: the first who has it keeps it.</summary>
    public const string Down = "delete from ssh_keys k using ssh_keys first where first.fingerprint = k.fingerprint and first.id < k.id;";
}
