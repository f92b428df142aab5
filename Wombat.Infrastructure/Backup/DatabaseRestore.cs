using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;
using Wombat.Infrastructure.Configuration;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Backup;

/// <summary>
/// Restores a backup into an empty database: creates the schema with the migrations of the backup, loads the rows in one transaction,
/// then applies newer migrations. The owner of the database has sufficient privileges.
/// </summary>
public sealed class DatabaseRestore(NpgsqlDataSource database, Migrator migrator, WombatSettings settings)
{
    private const string Tiers = "tiers";

    /// <exception cref="BackupException">The archive is damaged or of a version that this one cannot restore, or the database is not
    /// empty.</exception>
    public async Task<BackupManifest> ReadAsync(string file, CancellationToken cancel)
    {
        try
        {
            await using var archive = await ZipFile.OpenReadAsync(file, cancel);
            var manifest = await ManifestAsync(archive, cancel);
            await VerifyAsync(archive, manifest, cancel);
            await using var connection = await database.OpenConnectionAsync(cancel);
            await EnsureEmptyAsync(connection, cancel);
            var keys = await KeysToWriteAsync(archive, manifest, cancel);
            await migrator.MigrateToAsync(manifest.Migrations, cancel);
            await LoadAsync(connection, archive, manifest, cancel);
            foreach (var (path, content) in keys)
            {
                SecretFile.Write(path, content);
            }

            await migrator.MigrateAsync(cancel);
            return manifest;
        }
        catch (UnsupportedSchemaException e)
        {
            throw new BackupException(e.Message, e);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BackupException($"{file} is not a complete Wombat backup: {e.Message}", e);
        }
    }

    private static async Task<BackupManifest> ManifestAsync(ZipArchive archive, CancellationToken cancel)
    {
        await using var entry = await Entry(archive, BackupManifest.EntryName).OpenAsync(cancel);
        var manifest =
            await JsonSerializer.DeserializeAsync<BackupManifest>(entry, DatabaseBackup.Json, cancel)
            ?? throw new InvalidDataException("the manifest is empty");
        return manifest.Format == BackupManifest.CurrentFormat
            ? manifest
            : throw new BackupException(
                $"The backup has format {manifest.Format}; this version reads format {BackupManifest.CurrentFormat}."
            );
    }

    private static async Task VerifyAsync(ZipArchive archive, BackupManifest manifest, CancellationToken cancel)
    {
        foreach (var (path, sum) in manifest.Tables.Select(t => (t.Entry, t.Sha256)).Concat(manifest.Keys.Select(k => (k.Entry, k.Sha256))))
        {
            await using var entry = await Entry(archive, path).OpenAsync(cancel);
            if (Convert.ToHexStringLower(await SHA256.HashDataAsync(entry, cancel)) != sum)
            {
                throw new InvalidDataException($"the checksum of {path} is wrong");
            }
        }
    }

    // A schema without rows counts as empty: an earlier restore may have failed after creating it.
    private static async Task EnsureEmptyAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        foreach (var (table, _) in await BackupCatalog.TablesAsync(connection, cancel))
        {
            SqlText anyRow = $"select exists (select 1 from {new SqlName(table)})";
            if (table == "event_sequencer")
            {
                anyRow = $"select exists (select 1 from event_sequencer where position > 0)";
            }
            else if (table == Tiers)
            {
                // The migrations create these.
                anyRow = $"select exists (select 1 from tiers where version > 1 or name not in ('dev', 'standard'))";
            }

            if (await connection.ScalarAsync<bool>(anyRow, cancel, timeoutSeconds: 0))
            {
                throw new BackupException(
                    $"The database is not empty: table {table} has rows. A backup can only be restored into an empty database."
                );
            }
        }
    }

    // A key file with another key is not overwritten; the restore fails.
    private async Task<List<(string Path, string Content)>> KeysToWriteAsync(
        ZipArchive archive,
        BackupManifest manifest,
        CancellationToken cancel
    )
    {
        var missing = new List<(string, string)>();
        foreach (var key in manifest.Keys)
        {
            var path = KeyFiles.Of(settings).Single(k => k.Name == key.Name).Path;
            await using var entry = await Entry(archive, key.Entry).OpenAsync(cancel);
            using var reader = new StreamReader(entry);
            var content = (await reader.ReadToEndAsync(cancel)).TrimEnd('\n');
            if (!File.Exists(path))
            {
                missing.Add((path, content));
            }
            else if ((await File.ReadAllTextAsync(path, cancel)).TrimEnd('\n') != content)
            {
                throw new BackupException($"{path} already exists and contains a different key than the backup. Move it away first.");
            }
        }

        return missing;
    }

    private static async Task LoadAsync(NpgsqlConnection connection, ZipArchive archive, BackupManifest manifest, CancellationToken cancel)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var known = (await BackupCatalog.TablesAsync(connection, cancel)).Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        if (manifest.Tables.FirstOrDefault(t => !known.Contains(t.Name)) is { } unknown)
        {
            throw new BackupException($"The backup contains the unknown table {unknown.Name}.");
        }

        foreach (var table in known)
        {
            // The triggers protect and derive rows; the backup already contains the results.
            await ExecuteAsync($"alter table {new SqlName(table)} disable trigger user");
        }

        await ExecuteAsync($"delete from event_sequencer");
        if (manifest.Tables.Any(t => t.Name == Tiers))
        {
            await ExecuteAsync($"delete from tiers");
        }

        foreach (var month in manifest.EventMonths)
        {
            await ExecuteAsync($"select ensure_event_partition({month})");
        }

        foreach (var name in await BackupCatalog.SortByReferencesAsync(connection, [.. manifest.Tables.Select(t => t.Name)], cancel))
        {
            await LoadTableAsync(connection, archive, manifest.Tables.Single(t => t.Name == name), cancel);
        }

        foreach (var sequence in manifest.Sequences)
        {
            var name = BackupCatalog.Quote(sequence.Name);
            await ExecuteAsync($"select setval({name}::regclass, {sequence.LastValue}, {sequence.IsCalled})");
        }

        foreach (var table in known)
        {
            await ExecuteAsync($"alter table {new SqlName(table)} enable trigger user");
        }

        await transaction.CommitAsync(cancel);
        await ExecuteAsync($"analyze");
        return;

        Task ExecuteAsync(SqlText sql) => connection.ExecuteAsync(sql, cancel, timeoutSeconds: 0);
    }

    private static async Task LoadTableAsync(NpgsqlConnection connection, ZipArchive archive, BackupTable table, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var entry = await Entry(archive, table.Entry).OpenAsync(cancel))
        await using (
            var copy = await connection.BeginRawBinaryCopyAsync(
                $"copy {BackupCatalog.Quote(table.Name)} ({string.Join(", ", table.Columns.Select(BackupCatalog.Quote))}) "
                    + "from stdin (format binary)",
                cancel
            )
        )
        {
            await DatabaseBackup.CopyAsync(entry, copy, hash, cancel);
        }

        var rows = await BackupCatalog.CountAsync(connection, table.Name, cancel);
        if (rows != table.Rows)
        {
            throw new BackupException($"Table {table.Name} has {rows} rows after loading; expected {table.Rows}.");
        }
    }

    private static ZipArchiveEntry Entry(ZipArchive archive, string path) =>
        archive.GetEntry(path) ?? throw new InvalidDataException($"{path} is missing in the archive");
}
