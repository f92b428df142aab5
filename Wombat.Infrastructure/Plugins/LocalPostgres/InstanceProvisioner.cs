using Npgsql;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Plugins.LocalPostgres;

/// <summary>Creates databases. Each step finds what an earlier attempt has done, so that a creation can be killed at any point.</summary>
internal sealed class InstanceProvisioner(
    InstanceStore store,
    PostgresInstallations installations,
    PreparedInstances prepared,
    InstanceRunner runner,
    InstanceRestore restore,
    Objections objections,
    CredentialsService credentials,
    TimeProvider clock
)
{
    public async Task<(InstanceFolder Folder, Instance Instance)> ProvisionAsync(
        ProvisionRequest<DatabaseSpec> request,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        var folder = store.FolderOf(request.Resource.ExternalKey);
        var instance = folder.Read() ?? await BeginAsync(folder, request, cancel);
        if (request.Resource.ExternalId is { } id && id != instance.Id)
        {
            throw new ExternalSystemException(ExternalFailure.Conflict, "Another database on this machine has the same key.");
        }

        await log.ReportExternalIdAsync(instance.Id);
        switch (instance.Phase)
        {
            case InstancePhase.Creating:
                instance = await CreateAsync(folder, instance, log, cancel);
                break;
            case InstancePhase.Ready:
                await runner.StartAsync(folder, instance, cancel);
                break;
            default:
                throw new ExternalSystemException(ExternalFailure.Conflict, "The database was deleted. Undelete it instead.");
        }

        return (folder, instance);
    }

    private async Task<Instance> BeginAsync(InstanceFolder folder, ProvisionRequest<DatabaseSpec> request, CancellationToken cancel)
    {
        if ((await objections.FindAsync(request.Spec, cancel)).FirstOrDefault(o => o.Prevents) is { } objection)
        {
            throw new ExternalSystemException(ExternalFailure.Invalid, objection.Message);
        }

        var version = request.Spec.Origin is { } origin
            ? restore.VersionOf(origin)
            : (await installations.GetAsync(request.Spec.Settings.PostgresVersion, cancel)).Version;
        folder.Create();
        var instance = new Instance
        {
            Key = request.Resource.ExternalKey,
            Id = Guid.NewGuid().ToString("N")[..16],
            Name = request.Resource.ExternalName,
            Version = version,
            Tier = request.Spec.Settings,
            Origin = request.Spec.Origin,
            IsThrowAway = request.Spec.IsThrowAway,
            CreatedAt = clock.GetUtcNow(),
        };
        folder.Write(instance);
        return instance;
    }

    private async Task<Instance> CreateAsync(InstanceFolder folder, Instance instance, IPluginLog log, CancellationToken cancel)
    {
        var installation = await installations.GetAsync(instance.Version, cancel);
        var hasRoles = instance.HasRoles || (!folder.HasData && await CreateDataAsync(folder, instance, installation, log, cancel));
        instance = folder.Update(
            instance,
            i => i with { SystemIdentifier = DataDirectory.ReadSystemIdentifier(folder), HasRoles = hasRoles }
        );
        if (instance.Origin is not null)
        {
            await restore.RecoverAsync(folder, instance, log, cancel);
            await runner.StartPrivatelyAsync(folder, instance, cancel);
            await CredentialsService.ResetAsync(folder, instance, cancel);
            await runner.StopAsync(folder, instance, cancel);
        }

        instance = await runner.StartOnFreePortAsync(folder, instance, cancel);
        if (!instance.HasRoles)
        {
            await TenantRoles.CreateAsync(d => SuperuserConnection.OpenAsync(folder, instance, cancel, d), cancel);
            instance = folder.Update(instance, i => i with { HasRoles = true });
        }

        if (instance.Origin is null)
        {
            await CredentialsService.ResetAsync(folder, instance, cancel);
        }

        await VerifyAsync(folder, instance, cancel);
        await log.WriteAsync($"PostgreSQL {installation.FullVersion} accepts connections on port {instance.Port}.", cancel);
        return folder.Update(instance, i => i with { Phase = InstancePhase.Ready });
    }

    /// <returns>Whether the data directory contains the tenant's database and roles.</returns>
    private async Task<bool> CreateDataAsync(
        InstanceFolder folder,
        Instance instance,
        PostgresInstallation installation,
        IPluginLog log,
        CancellationToken cancel
    )
    {
        // What an attempt that was killed has left running.
        await runner.EndAllAsync(folder, installation, cancel);
        if (instance.Origin is not null)
        {
            await restore.CopyBackupAsync(folder, instance, installation, log, cancel);
            return true;
        }

        if (prepared.TryClaim(folder, installation))
        {
            return true;
        }

        await log.WriteAsync($"Initializing a data directory of PostgreSQL {installation.FullVersion}.", cancel);
        await DataDirectory.InitializeAsync(folder, installation, cancel);
        return false;
    }

    // As its user would connect: another server at this address has neither the certificate nor the password.
    private async Task VerifyAsync(InstanceFolder folder, Instance instance, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(credentials.ConnectionString(folder, instance));
        await connection.OpenAsync(cancel);
        var name = await connection.ScalarAsync<string>($"select current_setting('cluster_name')", cancel);
        if (name != instance.Key)
        {
            throw new ExternalSystemException(ExternalFailure.Unavailable, $"Another server answers on port {instance.Port}.");
        }
    }
}
