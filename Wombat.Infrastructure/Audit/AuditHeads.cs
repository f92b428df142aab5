using System.Globalization;
using Npgsql;

namespace Wombat.Infrastructure.Audit;

/// <summary>
/// The signed heads in the order in which they were stored, and the last one again in a file beside the key: each has a number
/// and a link to the one before, so that none can be taken out of the middle, and the file tells when those at the end are gone.
/// </summary>
public sealed class AuditHeads(NpgsqlDataSource database, AuditKey key)
{
    private const string Columns =
        "select to_char(day, 'YYYY-MM-DD'), position, hash, number, previous, key_id, signature from audit_heads";

    public Task<List<StoredHead>> AllAsync(CancellationToken cancel) => ReadAsync($"{Columns} order by number nulls first, day", cancel);

    /// <summary>Null before the first.</summary>
    public async Task<StoredHead?> LastAsync(CancellationToken cancel) =>
        (await ReadAsync($"{Columns} order by number desc nulls last, day desc limit 1", cancel)).FirstOrDefault();

    /// <summary>Adds the head of a day; false where the day has one.</summary>
    public async Task<bool> AddAsync(StoredHead stored, DateTimeOffset at, CancellationToken cancel)
    {
        await using var insert = database.CreateCommand(
            "insert into audit_heads (day, position, hash, number, previous, key_id, signature, signed_at) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing"
        );
        insert.Parameters.Add(
            new NpgsqlParameter<DateOnly> { TypedValue = DateOnly.ParseExact(stored.Head.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture) }
        );
        insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = stored.Head.Position });
        insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = stored.Head.Hash });
        insert.Parameters.Add(new NpgsqlParameter<long> { TypedValue = stored.Head.Number!.Value });
        insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = stored.Head.Previous! });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stored.KeyId });
        insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = stored.Signature });
        insert.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = at });
        return await insert.ExecuteNonQueryAsync(cancel) == 1;
    }

    /// <summary>The number and the digest of the last head that was signed with this file at hand; null where there is none.</summary>
    public (long Number, string Digest)? Remembered() =>
        File.Exists(key.HeadFile)
        && File.ReadAllText(key.HeadFile).Trim().Split(' ') is [var number, var digest]
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? (last, digest)
            : null;

    /// <exception cref="IOException">The file cannot be written; or an UnauthorizedAccessException.</exception>
    public void Remember(StoredHead stored) => Configuration.SecretFile.Write(key.HeadFile, $"{stored.Head.Number} {DigestOf(stored)}");

    public static string DigestOf(StoredHead stored) => Convert.ToHexStringLower(stored.Digest());

    private async Task<List<StoredHead>> ReadAsync(string sql, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var heads = new List<StoredHead>();
        while (await reader.ReadAsync(cancel))
        {
            heads.Add(
                new StoredHead(
                    new AuditHead(
                        "day",
                        reader.GetString(0),
                        reader.GetInt64(1),
                        reader.GetFieldValue<byte[]>(2),
                        await reader.IsDBNullAsync(3, cancel) ? null : reader.GetInt64(3),
                        await reader.IsDBNullAsync(4, cancel) ? null : reader.GetFieldValue<byte[]>(4)
                    ),
                    reader.GetString(5),
                    reader.GetFieldValue<byte[]>(6)
                )
            );
        }

        return heads;
    }
}
