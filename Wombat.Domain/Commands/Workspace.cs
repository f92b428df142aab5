using Wombat.Domain.Common;

namespace Wombat.Domain.Commands;

/// <summary>A directory on one host, or a git repository, which an admin has registered for commands.</summary>
public sealed class Workspace
{
    public const int NameMax = 100;
    public const int PathMax = 1000;

    /// <summary>The purpose with which <see cref="Token"/> is encrypted.</summary>
    public const string TokenPurpose = "workspaces.token";

    private Workspace() { }

    public Guid Id { get; private set; }

    /// <summary>Unique among the workspaces of its project.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The project whose commands may use it; null for a workspace of the platform.</summary>
    public Guid? ProjectId { get; private set; }

    /// <summary>The absolute path of the directory on its host; null for a repository.</summary>
    public string? Path { get; private set; }

    /// <summary>The repository; null for a directory.</summary>
    public GitSource? Source { get; private set; }

    /// <summary>The encrypted access token for the repository; null for none.</summary>
    public byte[]? Token { get; private set; }

    /// <summary>The machine of Wombat that has the directory, or fetches the repository; its worker runs the commands.</summary>
    public Guid HostId { get; private set; }

    public string HostName { get; private set; } = "";

    public DateTimeOffset CreatedAt { get; private set; }

    public static Workspace Create(string name, Guid? projectId, string? path, Guid hostId, string hostName, DateTimeOffset now) =>
        new()
        {
            Id = Uuid7.At(now),
            Name = name,
            ProjectId = projectId,
            Path = path,
            HostId = hostId,
            HostName = hostName,
            CreatedAt = now,
        };

    /// <summary>Makes it one of a repository.</summary>
    /// <param name="token">Null for a repository that everybody may read.</param>
    public Workspace OfRepository(GitSource source, byte[]? token)
    {
        (Path, Source, Token) = (null, source, token);
        return this;
    }
}
