using System.Text;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Audit;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>What several use cases of hosts share.</summary>
internal sealed class SshHosts(
    IWombatDbContext db,
    ISshClient ssh,
    ISshKeyPlaces places,
    HostOrigins origins,
    ISecretBox box,
    AuditLog auditLog,
    TimeProvider clock
)
{
    /// <summary>The hosts on which a command may run now: those that it names, then those with its labels by name.</summary>
    public async Task<List<SshHost>> OfAsync(CommandSpec spec, Guid? project, CancellationToken cancel)
    {
        if (spec.HostIds.Count + spec.HostLabels.Count == 0)
        {
            return [];
        }

        var found = await db
            .SshHosts.AsNoTracking()
            .Include(h => h.JumpHost)
            .Where(h => h.ProjectId == project)
            .Where(h => spec.HostIds.Contains(h.Id) || spec.HostLabels.Count > 0)
            .OrderBy(h => h.Name)
            .ToListAsync(cancel);
        var named = spec.HostIds.Select(id => found.Find(h => h.Id == id) ?? throw new NotFoundException("host")).ToList();
        var labelled = found.Where(h => spec.HostLabels.Count > 0 && h.HasLabels(spec.HostLabels));
        return [.. named.UnionBy(labelled, h => h.Id)];
    }

    /// <exception cref="InvalidInputException">It is no key, has a passphrase, or is at a place that no setting allows.</exception>
    public async Task<SshCredential> ObtainKeyAsync(HostKeyInput input, CancellationToken cancel)
    {
        if (input.KeySource != SshKeySource.Stored)
        {
            return places.FindProblem(input.KeySource) is { } problem
                ? throw new InvalidInputException("key_source", problem)
                : new SshCredential(input.KeySource, null, "", input.KeyFile);
        }

        var pair = input.PrivateKey is null
            ? await ssh.CreateKeyAsync(cancel)
            : await ssh.ReadKeyAsync(input.PrivateKey, cancel)
                ?? throw new InvalidInputException("private_key", "must be a private key without a passphrase, in the format of OpenSSH");
        return SshCredential.Stored(box.Seal(SshHost.PrivateKeyPurpose, Encoding.UTF8.GetBytes(pair.PrivateKey)), pair.PublicKey);
    }

    /// <exception cref="NotFoundException">It does not exist.</exception>
    public async Task<SshHost> FindAsync(Guid id, CancellationToken cancel) =>
        await db.SshHosts.Include(h => h.JumpHost).SingleOrDefaultAsync(h => h.Id == id, cancel) ?? throw new NotFoundException("host");

    /// <summary>As it is stored now.</summary>
    /// <exception cref="NotFoundException">It does not exist.</exception>
    public async Task<SshHost> ReadAsync(Guid id, CancellationToken cancel) =>
        await db.SshHosts.AsNoTracking().Include(h => h.JumpHost).SingleOrDefaultAsync(h => h.Id == id, cancel)
        ?? throw new NotFoundException("host");

    /// <param name="host">It has been read with its jump host.</param>
    /// <exception cref="SshHostUnavailableException">
    /// The key of the host or of its jump host cannot be used, or its container has no address.
    /// </exception>
    public async Task<SshTarget> TargetOfAsync(SshHost host, CancellationToken cancel)
    {
        var jump = await JumpOfAsync(host, cancel);
        var address = await origins.AddressOfAsync(host, cancel);
        return new SshTarget(host.Name, address, host.Port, host.UserName, host.HostKeys, await KeyOfAsync(host, cancel)) { Jump = jump };
    }

    /// <summary>Reads the host keys that a host shows. A jump host that is not trusted is not talked to.</summary>
    /// <param name="host">It has been read with its jump host.</param>
    public async Task<ShownHostKeys> ReadHostKeysAsync(SshHost host, CancellationToken cancel)
    {
        try
        {
            return UntrustedJump(host) is { } failure
                ? new ShownHostKeys([], failure)
                : await ssh.ReadHostKeysAsync(
                    await origins.AddressOfAsync(host, cancel),
                    host.Port,
                    await JumpOfAsync(host, cancel),
                    cancel
                );
        }
        catch (SshHostUnavailableException e)
        {
            return new ShownHostKeys([], e.Contact);
        }
    }

    /// <summary>Signs in to a trusted host. A jump host that is not trusted is not talked to.</summary>
    /// <param name="host">It has been read with its jump host.</param>
    public async Task<SshContact> ContactAsync(SshHost host, CancellationToken cancel)
    {
        try
        {
            return UntrustedJump(host) ?? await ssh.ContactAsync(await TargetOfAsync(host, cancel), cancel);
        }
        catch (SshHostUnavailableException e)
        {
            return e.Contact;
        }
    }

    /// <summary>Records the outcome of a contact for the host and, if its jump host was the reason, for that, too.</summary>
    public async Task RecordAsync(SshHost host, SshContact contact, CancellationToken cancel)
    {
        await RecordJumpAsync(host, contact, cancel);
        await RecordOneAsync(host, contact, cancel);
    }

    /// <summary>Records the outcome of a contact for the jump host only.</summary>
    public async Task RecordJumpAsync(SshHost host, SshContact contact, CancellationToken cancel)
    {
        if (host.JumpHost is { IsTrusted: true } jump && contact.Jump is { } ofJump)
        {
            await RecordOneAsync(jump, ofJump, cancel);
        }
    }

    private static SshContact? UntrustedJump(SshHost host) =>
        host.JumpHost is { IsTrusted: false } jump
            ? SshContact.WithoutJump(jump.Name, jump.State == SshHostState.KeyChanged ? SshContact.KeyChanged : SshContact.Unverified)
            : null;

    private async Task<SshTarget?> JumpOfAsync(SshHost host, CancellationToken cancel)
    {
        if (host.JumpHostId is null)
        {
            return null;
        }

        var jump = host.JumpHost ?? throw new InvalidOperationException($"The host {host.Name} was read without its jump host.");
        try
        {
            return await TargetOfAsync(jump, cancel);
        }
        catch (SshHostUnavailableException e)
        {
            throw new SshHostUnavailableException(SshContact.WithoutJump(jump.Name, e.Contact));
        }
    }

    private async Task<SshTargetKey> KeyOfAsync(SshHost host, CancellationToken cancel) =>
        host.KeySource switch
        {
            SshKeySource.File => new SshTargetKey(await places.ReadFileAsync(host.KeyFile!, cancel), null),
            SshKeySource.Agent => new SshTargetKey(null, await places.FindAgentAsync(cancel)),
            _ => new SshTargetKey(Encoding.UTF8.GetString(box.Open(SshHost.PrivateKeyPurpose, host.PrivateKey!)), null),
        };

    // Nothing is recorded if somebody has changed the host since it was read. A changed host key is an alert, and stays recorded until an
    // admin has accepted it.
    private async Task RecordOneAsync(SshHost host, SshContact contact, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var hosts = db.SshHosts.Where(h => h.Id == host.Id && h.Version == host.Version && h.State != SshHostState.KeyChanged);
        var changed = await hosts.ExecuteUpdateAsync(
            h => h.SetProperty(x => x.State, contact.State).SetProperty(x => x.Problem, contact.Problem).SetProperty(x => x.CheckedAt, now),
            cancel
        );
        if (changed > 0 && contact.State == SshHostState.KeyChanged)
        {
            auditLog.Record(
                EventAction.HostKeyChanged,
                "host",
                host.Id,
                host.ProjectId,
                after: new
                {
                    host.Name,
                    host.Address,
                    host.Port,
                }
            );
            await db.SaveChangesAsync(cancel);
        }
    }
}
