using Npgsql;
using Wombat.Infrastructure.Postgres;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>
/// Empty databases that are made ahead, since initdb takes most of the time of a creation. Each has a system identifier of its own.
/// </summary>
internal sealed class PreparedInstances(LocalPostgresOptions options, PostgresInstallations installations)
{
    private const string Incomplete = "new-";
    private const int Port = 5432;
    private readonly ServerConfiguration configuration = new(options);

    private string Folder => Path.Combine(options.Folder, ".prepared");

    /// <summary>The number of prepared databases.</summary>
    public int Count =>
        Directory.Exists(Folder)
            ? Directory.EnumerateDirectories(Folder).Count(d => !Path.GetFileName(d).StartsWith(Incomplete, StringComparison.Ordinal))
            : 0;

    /// <summary>Moves the data of a prepared database into a folder.</summary>
    /// <returns>False when none is prepared for this version.</returns>
    public bool TryClaim(InstanceFolder folder, PostgresInstallation installation)
    {
        foreach (var path in Directory.Exists(Folder) ? Directory.GetDirectories(Folder, $"{installation.Version}-*") : [])
        {
            var prepared = new InstanceFolder(path);
            try
            {
                Directory.Move(prepared.Data, folder.Data);
                DataDirectory.Remove(path);
                return true;
            }
            catch (Exception e) when (e is IOException && !folder.HasData)
            {
                // Another creation was faster.
            }
        }

        return false;
    }

    /// <summary>Prepares what is missing and removes what an earlier attempt left incomplete.</summary>
    public async Task RefillAsync(CancellationToken cancel)
    {
        if (await installations.FindAllAsync(cancel) is not [var newest, ..])
        {
            return;
        }

        Directory.CreateDirectory(Folder);
        new InstanceFolder(Folder).Create();
        foreach (var path in Directory.GetDirectories(Folder, Incomplete + "*"))
        {
            await new InstanceServer(new InstanceFolder(path), newest).EndAllAsync(cancel);
            PostgresSocketFolder.DeleteOutside(path);
            DataDirectory.Remove(path);
        }

        while (Count < options.Prepared)
        {
            await PrepareAsync(newest, cancel);
        }
    }

    private async Task PrepareAsync(PostgresInstallation installation, CancellationToken cancel)
    {
        var id = Guid.NewGuid().ToString("N")[..12];
        var folder = new InstanceFolder(Path.Combine(Folder, Incomplete + id));
        folder.Create();
        await DataDirectory.InitializeAsync(folder, installation, cancel);
        configuration.Write(folder, null, installation, ServerMode.Private);
        var server = new InstanceServer(folder, installation);
        await server.StartAsync(memoryMib: null, ServerMode.Private, cancel);
        try
        {
            await TenantRoles.CreateAsync(OpenAsync, cancel);
        }
        finally
        {
            await server.StopAsync(CancellationToken.None);
            PostgresSocketFolder.DeleteOutside(folder.Path);
        }

        Directory.Move(folder.Path, Path.Combine(Folder, $"{installation.Version}-{id}"));

        Task<NpgsqlConnection> OpenAsync(string database) =>
            SuperuserConnection.OpenAsync(folder, Port, installation.Version, database, cancel);
    }
}
