using Wombat.Domain.Databases;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Reads which extensions a server has.</summary>
internal static class Extensions
{
    public static async Task<IReadOnlyList<DatabaseExtension>> ListAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        await using var connection = await SuperuserConnection.OpenAsync(folder, instance, cancel, TenantRoles.Database);
        return await connection.QueryAsync(
            $"""
            select e.name, e.default_version, e.installed_version, coalesce(v.trusted, false), e.comment
            from pg_available_extensions e
            left join pg_available_extension_versions v on v.name = e.name and v.version = e.default_version
            order by e.name
            """,
            r => new DatabaseExtension(
                r.GetString(0),
                r.IsDBNull(1) ? null : r.GetString(1),
                r.IsDBNull(2) ? null : r.GetString(2),
                r.GetBoolean(3),
                r.IsDBNull(4) ? null : r.GetString(4)
            ),
            cancel
        );
    }
}
