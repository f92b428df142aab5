using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Changes back what somebody changed outside Wombat, or takes it over.</summary>
internal sealed class InstanceRepair(
    PostgresInstallations installations,
    InstanceRunner runner,
    InstanceLifecycle lifecycle,
    TimeProvider clock
)
{
    /// <summary>Makes configuration and roles as they should be. A data directory that is missing is restored from the backups.</summary>
    public async Task<Instance> RepairAsync(InstanceFolder folder, Instance instance, IPluginLog log, CancellationToken cancel)
    {
        if (!folder.HasData || InstanceRestore.IsPending(folder))
        {
            instance = await RebuildAsync(folder, instance, log, cancel);
        }
        else if (ConfigurationDrift.Find(folder, instance) is { Count: > 0 } files)
        {
            await log.WriteAsync($"Writing the configuration again and restarting the server: {Fields(files)}.", cancel);
            await runner.StopAsync(folder, instance, cancel);
            File.Delete(Path.Combine(folder.Data, ServerConfiguration.SystemSettingsName));
        }

        await runner.StartAsync(folder, instance, cancel);
        await RepairRolesAsync(folder, instance, log, cancel);
        if (instance.Frozen is null && !new BackupCatalog(folder).IsEmpty)
        {
            await lifecycle.EnsureBackupAsync(folder, instance, log, cancel);
        }

        return folder.Read()!;
    }

    /// <summary>Takes over the settings that the tier now promises as they are; other differences stay.</summary>
    public async Task<Instance> AdoptAsync(
        InstanceFolder folder,
        Instance instance,
        TierSpec tier,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        var installation = await installations.GetAsync(instance.Version, cancel);
        var adopted = ConfigurationDrift.Find(folder, instance).Where(tier.Holds).ToList();
        instance = folder.Update(instance, i => i with { Tier = tier });
        if (adopted.Count == 0)
        {
            return instance;
        }

        await log.WriteAsync($"Taking over {Fields(adopted)}.", cancel);
        var system = Read(folder.Data, ServerConfiguration.SystemSettingsName);
        var actual = Read(folder.Data, ServerConfiguration.SettingsName);
        var expected = Read(folder.Expected, ServerConfiguration.SettingsName);
        foreach (var name in adopted.Select(ConfigurationDrift.SettingOf).OfType<string>())
        {
            actual[name] = system.GetValueOrDefault(name) ?? actual[name];
            expected[name] = actual[name];
            system.Remove(name);
        }

        ServerConfiguration.WriteSettings(folder, ServerConfiguration.SettingsName, actual, installation);
        ServerConfiguration.WriteSettings(folder, ServerConfiguration.SystemSettingsName, system, installation);
        ServerConfiguration.WriteExpected(folder, expected);
        new InstanceServer(folder, installation).Reload();
        return instance;
    }

    private async Task<Instance> RebuildAsync(InstanceFolder folder, Instance instance, IPluginLog log, CancellationToken cancel)
    {
        if (new BackupCatalog(folder).IsEmpty)
        {
            throw new ExternalSystemException(
                ExternalFailure.NotFound,
                "The data directory of the database is missing, and it has no backup. Delete the database."
            );
        }

        await log.WriteAsync("The data directory is missing. Restoring everything that was archived.", cancel);
        await new InstanceServer(folder, await installations.GetAsync(instance.Version, cancel)).EndAllAsync(cancel);
        return await lifecycle.RestoreNewestAsync(folder, instance, log, cancel);
    }

    private async Task RepairRolesAsync(InstanceFolder folder, Instance instance, IPluginLog log, CancellationToken cancel)
    {
        IReadOnlyList<ResourceDifference> found;
        await using (var connection = await SuperuserConnection.OpenAsync(folder, instance, cancel))
        {
            found = await RoleDrift.FindAsync(connection, instance, folder.ReadCredentials(), clock.GetUtcNow(), cancel);
        }

        if (found.Count == 0)
        {
            return;
        }

        if (instance.Frozen is not null)
        {
            throw new ExternalSystemException(
                ExternalFailure.Conflict,
                "The roles of a frozen database cannot be changed. Unfreeze it first."
            );
        }

        await log.WriteAsync($"Changing roles and databases back: {Fields(found)}.", cancel);
        await RoleDrift.RepairAsync(folder, instance, clock.GetUtcNow(), cancel);
    }

    private static SortedDictionary<string, string> Read(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return SettingsFile.Parse(File.Exists(path) ? File.ReadAllText(path) : "");
    }

    private static string Fields(IEnumerable<ResourceDifference> differences) => string.Join(", ", differences.Select(d => d.Field));
}
