using Npgsql;
using Wombat.Domain.Commands;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Secrets;

/// <summary>
/// Re-encrypts all secrets in the database with the first key; adds a new key first if Wombat manages the file. Safe while Wombat is
/// running, and safe to repeat after a crash.
/// </summary>
public sealed class SecretRotation(NpgsqlDataSource database, SecretBox box)
{
    // Every column that holds an encrypted value: table, key, column, purpose.
    private static readonly (SqlName Table, SqlName Key, SqlName Column, string Purpose)[] EncryptedColumns =
    [
        (new("sessions"), new("id"), new("provider_tokens"), Purposes.ProviderTokens),
        (new("runs"), new("id"), new("secrets"), Run.SecretsPurpose),
        (new("schedules"), new("id"), new("secrets"), Schedule.SecretsPurpose),
        (new("workspaces"), new("id"), new("token"), Workspace.TokenPurpose),
        (new("ssh_hosts"), new("id"), new("private_key"), SshHost.PrivateKeyPurpose),
        (new("data_protection_keys"), new("name"), new("xml"), Purposes.DataProtection),
    ];

    /// <summary>The columns that are encrypted again, as <c>table.column</c>.</summary>
    public static IEnumerable<string> Columns => EncryptedColumns.Select(c => $"{c.Table.Name}.{c.Column.Name}");

    /// <returns>How many values were encrypted again.</returns>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        box.AddKey();
        var count = 0;
        foreach (var (table, key, column, purpose) in EncryptedColumns)
        {
            var found = await database.QueryAsync(
                $"select {key}::text, {column} from {table} where {column} is not null",
                r => (Key: r.GetString(0), Sealed: r.GetFieldValue<byte[]>(1)),
                cancel
            );
            foreach (var (row, value) in found.Where(f => !box.IsCurrent(f.Sealed)))
            {
                // The last condition skips a value that was replaced meanwhile.
                count += await database.ExecuteAsync(
                    $"update {table} set {column} = {box.Seal(purpose, box.Open(purpose, value))} where {key}::text = {row} "
                        + $"and {column} = {value}",
                    cancel
                );
            }
        }

        return count;
    }
}
