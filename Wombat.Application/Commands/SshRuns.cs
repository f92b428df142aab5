using Microsoft.EntityFrameworkCore;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;

namespace Wombat.Application.Commands;

/// <summary>Executes runs on hosts of SSH.</summary>
internal sealed class SshRuns(IWombatDbContext db, SshHosts hosts, ISshClient ssh)
{
    /// <exception cref="JobFailedException">Nothing was executed: the host is gone, not trusted, or does not let Wombat in.</exception>
    public async Task<RunResult> RunAsync(Guid hostId, Run run, RunCall call, IJobLog log, CancellationToken cancel)
    {
        var host =
            await db.SshHosts.AsNoTracking().Include(h => h.JumpHost).SingleOrDefaultAsync(h => h.Id == hostId, cancel)
            ?? throw new JobFailedException(ErrorCode.HostNotFound, "The host was removed from Wombat.");
        if (host.Untrusted is { } untrusted)
        {
            var jump = untrusted == host ? "" : $", the jump host of {host.Name},";
            throw new JobFailedException(
                ErrorCode.HostNotTrusted,
                $"No admin has accepted the host keys that {untrusted.Name}{jump} shows."
            );
        }

        try
        {
            var target = await hosts.TargetOfAsync(host, cancel);
            await EndEarlierAsync(target, run, log, cancel);
            return await ssh.RunAsync(
                target,
                call,
                log,
                async (process, token) =>
                {
                    run.StartRemotely(process);
                    await db.SaveChangesAsync(token);
                    await hosts.RecordAsync(host, new SshContact(SshHostState.Reachable, null), token);
                },
                cancel
            );
        }
        catch (SshHostUnavailableException e)
        {
            await hosts.RecordAsync(host, e.Contact, CancellationToken.None);
            throw new JobFailedException(e.Contact.Code, e.Message, retryable: e.Contact.IsTemporary);
        }
    }

    // Its worker may have been lost while the program ran: two attempts at once could harm each other.
    private async Task EndEarlierAsync(SshTarget target, Run run, IJobLog log, CancellationToken cancel)
    {
        if (run.Remote is not { } earlier)
        {
            return;
        }

        var ending = await ssh.EndAsync(target, earlier);
        await log.WriteAsync($"The earlier attempt: {ending.Explanation}", cancel);
        if (!ending.Proven)
        {
            throw new JobFailedException(ErrorCode.HostConnectionLost, $"The earlier attempt may not have ended: {ending.Explanation}");
        }
    }
}
