using System.Text;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Commands;
using Wombat.Domain.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Commands;

/// <summary>What runs, plans and lists of targets need of workspaces that are git repositories.</summary>
internal sealed class GitWorkspaces(IWombatDbContext db, ISecretBox box, IGitRepositories git, HostIdentity here)
{
    /// <summary>The encrypted token; null for none.</summary>
    public byte[]? Seal(string? token) => token is null ? null : box.Seal(Workspace.TokenPurpose, Encoding.UTF8.GetBytes(token));

    /// <summary>Null for a workspace that is a directory.</summary>
    public GitAccess? AccessTo(Workspace workspace) =>
        workspace.Source is { } source
            ? new GitAccess(source, workspace.Token is { } token ? Encoding.UTF8.GetString(box.Open(Workspace.TokenPurpose, token)) : null)
            : null;

    /// <summary>The repository at the commit that its reference has now.</summary>
    /// <exception cref="GitException">The repository cannot be read, or does not have the reference.</exception>
    public async Task<GitAccess> ResolveAsync(GitAccess access, CancellationToken cancel) =>
        access with
        {
            Source = access.Source with { Commit = await git.ResolveAsync(access, cancel) },
        };

    /// <summary>
    /// The repository at the commit that a run which needs an approval will execute, so that who approves it knows the commit.
    /// </summary>
    /// <returns>Null if the command needs no approval, or has no repository.</returns>
    /// <exception cref="ConflictException">The commit cannot be learnt.</exception>
    public async Task<GitSource?> PinAsync(CommandSpec spec, CancellationToken cancel)
    {
        if (spec is not { ApprovalBy: not null, WorkspaceId: { } id })
        {
            return null;
        }

        var workspace = await db.Workspaces.AsNoTracking().SingleOrDefaultAsync(w => w.Id == id, cancel);
        if (workspace is null || AccessTo(workspace) is not { } access)
        {
            return null;
        }

        if (access.Source.LocalPath is { } path && workspace.HostId != here.Id)
        {
            throw new ConflictException(
                ErrorCode.RepositoryUnreachable,
                $"The repository {path} is on the machine {workspace.HostName}; this answer comes from {here.Name}."
            );
        }

        try
        {
            return (await ResolveAsync(access, cancel)).Source;
        }
        catch (GitException e)
        {
            throw new ConflictException(e.Code, e.Message);
        }
    }

    /// <summary>The repository at the commit of the run, which is looked up and recorded if the run has none yet.</summary>
    /// <exception cref="JobFailedException">The workspace was removed, or the commit cannot be learnt.</exception>
    public async Task<GitAccess?> PrepareAsync(Run run, IJobLog log, CancellationToken cancel)
    {
        if (run.Inputs.Source is not { } source)
        {
            return null;
        }

        var id = run.Inputs.Spec.WorkspaceId;
        var workspace =
            await db.Workspaces.AsNoTracking().SingleOrDefaultAsync(w => w.Id == id, cancel)
            ?? throw new JobFailedException(ErrorCode.WorkspaceNotFound, "The workspace was removed from Wombat.");
        var access = AccessTo(workspace)! with { Source = source };
        if (access.Token is { } token)
        {
            log.AddSecret(token);
        }

        var reference = source.Reference ?? "the default branch";
        await log.WriteAsync($"Repository {source.Repository}, {reference}{(source.Commit is null ? "" : " as recorded")}", cancel);
        try
        {
            access = source.Commit is null ? await ResolveAsync(access, cancel) : access;
        }
        catch (GitException e)
        {
            throw new JobFailedException(e.Code, e.Message, e.IsTemporary);
        }

        run.CheckOut(access.Source.Commit!);
        await log.WriteAsync($"Commit {access.Source.Commit}", cancel);
        return access;
    }
}
