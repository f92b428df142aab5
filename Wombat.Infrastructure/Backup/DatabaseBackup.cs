using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Backup;

/// <summary>
/// Writes a snapshot of all tables to a ZIP archive with checksums. Wombat may be running. The archive does not contain the schema:
/// <see cref="DatabaseRestore"/> creates it with the same migrations.
/// </summary>
public sealed class DatabaseBackup(NpgsqlDataSource database, WombatSettings settings, TimeProvider clock)
{
    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    /// <exception cref="BackupException">The file already exists, or a requested key file does not exist.</exception>
    public async Task<BackupManifest> WriteAsync(string file, bool withKeys, CancellationToken cancel)
    {
        if (File.Exists(file))
        {
            throw new BackupException($"{file} already exists; a backup does not overwrite files.");
        }

        // Written atomically and readable by the owner only: the rows contain hashes of tokens and passwords.
        var temporary = file + ".new";
        File.Delete(temporary);
        try
        {
            BackupManifest manifest;
            await using (
                var output = new FileStream(
                    temporary,
                    new FileStreamOptions
                    {
                        Mode = FileMode.CreateNew,
                        Access = FileAccess.ReadWrite,
                        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                    }
                )
            )
            {
                using (var archive = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true))
                {
                    manifest = await WriteAsync(archive, withKeys, cancel);
                }

                output.Flush(flushToDisk: true);
            }

            File.Move(temporary, file);
            return manifest;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task<BackupManifest> WriteAsync(ZipArchive archive, bool withKeys, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancel);
        await connection.ExecuteAsync($"set transaction read only", cancel);
        var migrations = await BackupCatalog.MigrationsAsync(connection, cancel);
        var tables = new List<BackupTable>();
        foreach (var (name, columns) in await BackupCatalog.TablesAsync(connection, cancel))
        {
            tables.Add(await WriteTableAsync(connection, archive, name, columns, cancel));
        }

        var manifest = new BackupManifest(
            BackupManifest.CurrentFormat,
            typeof(DatabaseBackup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
            connection.PostgreSqlVersion.ToString(),
            clock.GetUtcNow(),
            migrations,
            await BackupCatalog.EventMonthsAsync(connection, cancel),
            tables,
            await BackupCatalog.SequencesAsync(connection, cancel),
            withKeys ? await WriteKeysAsync(archive, cancel) : []
        );
        await using var entry = await archive.CreateEntry(BackupManifest.EntryName).OpenAsync(cancel);
        await JsonSerializer.SerializeAsync(entry, manifest, Json, cancel);
        return manifest;
    }

    private static async Task<BackupTable> WriteTableAsync(
        NpgsqlConnection connection,
        ZipArchive archive,
        string name,
        string[] columns,
        CancellationToken cancel
    )
    {
        var list = string.Join(", ", columns.Select(BackupCatalog.Quote));
        var rows = await BackupCatalog.CountAsync(connection, name, cancel);
        var path = $"data/{name}.copy";
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var entry = await archive.CreateEntry(path, CompressionLevel.Fastest).OpenAsync(cancel))
        await using (
            var copy = await connection.BeginRawBinaryCopyAsync(
                $"copy (select {list} from {BackupCatalog.Quote(name)}) to stdout (format binary)",
                cancel
            )
        )
        {
            await CopyAsync(copy, entry, hash, cancel);
        }

        return new BackupTable(name, columns, rows, path, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private async Task<List<BackupKey>> WriteKeysAsync(ZipArchive archive, CancellationToken cancel)
    {
        var keys = new List<BackupKey>();
        foreach (var (name, path) in KeyFiles.Of(settings))
        {
            if (!File.Exists(path))
            {
                throw new BackupException($"The key file {path} does not exist.");
            }

            var content = await File.ReadAllBytesAsync(path, cancel);
            await using var entry = await archive.CreateEntry($"keys/{name}").OpenAsync(cancel);
            await entry.WriteAsync(content, cancel);
            keys.Add(new BackupKey(name, $"keys/{name}", Convert.ToHexStringLower(SHA256.HashData(content))));
        }

        return keys;
    }

    internal static async Task CopyAsync(Stream from, Stream to, IncrementalHash hash, CancellationToken cancel)
    {
        var buffer = new byte[128 * 1024];
        int read;
        while ((read = await from.ReadAsync(buffer, cancel)) > 0)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            await to.WriteAsync(buffer.AsMemory(0, read), cancel);
        }
    }
}
