using Npgsql;

namespace Wombat.Infrastructure.Secrets;

/// <summary>Makes a new key, where the file is Wombat's own, and seals with it whatever in the database another has sealed. Beside a running Wombat, and again after a crash.</summary>
public sealed class SecretRotation(NpgsqlDataSource database, SecretBox box)
{
    // Every column that holds something sealed: table, key, column, purpose.
    private static readonly (string Table, string Key, string Column, string Purpose)[] Places =
    [
        ("sessions", "id::text", "provider_tokens", Purposes.ProviderTokens),
        ("data_protection_keys", "name", "xml", Purposes.DataProtection),
    ];

    /// <returns>How many were sealed anew.</returns>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        box.AddKey();
        var count = 0;
        foreach (var (table, key, column, purpose) in Places)
        {
            var stale = new List<(string Key, byte[] Sealed)>();
            await using (var read = database.CreateCommand($"select {key}, {column} from {table} where {column} is not null"))
            await using (var reader = await read.ExecuteReaderAsync(cancel))
            {
                while (await reader.ReadAsync(cancel))
                {
                    stale.Add((reader.GetString(0), reader.GetFieldValue<byte[]>(1)));
                }
            }

            foreach (var (row, value) in stale.Where(s => !box.IsCurrent(s.Sealed)))
            {
                // Unless it was replaced meanwhile.
                await using var write = database.CreateCommand($"update {table} set {column} = $3 where {key} = $1 and {column} = $2");
                write.Parameters.Add(new NpgsqlParameter<string> { TypedValue = row });
                write.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = value });
                write.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = box.Seal(purpose, box.Open(purpose, value)) });
                count += await write.ExecuteNonQueryAsync(cancel);
            }
        }

        return count;
    }
}

/// <summary>What is sealed, by where it lies.</summary>
internal static class Purposes
{
    public const string ProviderTokens = "sessions.provider_tokens";
    public const string DataProtection = "data_protection_keys.xml";
}
