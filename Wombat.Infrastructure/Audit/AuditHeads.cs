using System.Globalization;
using Npgsql;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Audit;

/// <summary>
/// Stores the signed heads in the database, and the last one also in a file next to the key. Each head has a number and the digest
/// of the previous one, so that removing a head is detected; the file detects that the last heads were removed.
/// </summary>
public sealed class AuditHeads(NpgsqlDataSource database, AuditKey key)
{
    public Task<List<StoredHead>> AllAsync(CancellationToken cancel) =>
        database.QueryAsync(
            $"select to_char(day, 'YYYY-MM-DD'), position, hash, number, previous, key_id, signature from audit_heads order by number",
            Read,
            cancel
        );

    /// <summary>The last head; null if there is none.</summary>
    public async Task<StoredHead?> LastAsync(CancellationToken cancel) => (await AllAsync(cancel)).LastOrDefault();

    /// <summary>Adds the head of a day. Returns false if the day already has one.</summary>
    public async Task<bool> AddAsync(StoredHead stored, DateTimeOffset at, CancellationToken cancel)
    {
        var day = DateOnly.ParseExact(stored.Head.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        var added = await database.ExecuteAsync(
            $"""
            insert into audit_heads (day, position, hash, number, previous, key_id, signature, signed_at)
            values ({day}, {stored.Head.Position}, {stored.Head.Hash}, {stored.Head.Number}, {stored.Head.Previous}, {stored.KeyId}, {stored.Signature}, {at})
            on conflict do nothing
            """,
            cancel
        );
        return added == 1;
    }

    /// <summary>The number and digest of the last head from the file next to the key; null if there is no file.</summary>
    public (long Number, string Digest)? Remembered() =>
        File.Exists(key.HeadFile)
        && File.ReadAllText(key.HeadFile).Trim().Split(' ') is [var number, var digest]
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? (last, digest)
            : null;

    /// <exception cref="IOException">The file cannot be written. UnauthorizedAccessException is possible too.</exception>
    public void Remember(StoredHead stored) => Configuration.SecretFile.Write(key.HeadFile, $"{stored.Head.Number} {DigestOf(stored)}");

    public static string DigestOf(StoredHead stored) => Convert.ToHexStringLower(stored.Digest());

    private static StoredHead Read(NpgsqlDataReader row) =>
        new(
            new AuditHead(
                "day",
                row.GetString(0),
                row.GetInt64(1),
                row.GetFieldValue<byte[]>(2),
                row.GetInt64(3),
                row.GetFieldValue<byte[]>(4)
            ),
            row.GetString(5),
            row.GetFieldValue<byte[]>(6)
        );
}
