using Wombat.Domain.Common;

namespace Wombat.Domain.Commands;

/// <summary>A directory with a Makefile on one host, which an admin has registered for commands.</summary>
public sealed class Workspace
{
    public const int NameMax = 100;
    public const int PathMax = 1000;

    private Workspace() { }

    public Guid Id { get; private set; }

    /// <summary>Unique among the workspaces of its project.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The project whose commands may use it; null for a workspace of the platform.</summary>
    public Guid? ProjectId { get; private set; }

    /// <summary>The absolute path of the directory on its host.</summary>
    public string Path { get; private set; } = "";

    /// <summary>The machine of Wombat that has the directory; its worker runs the commands.</summary>
    public Guid HostId { get; private set; }

    public string HostName { get; private set; } = "";

    public DateTimeOffset CreatedAt { get; private set; }

    public static Workspace Create(string name, Guid? projectId, string path, Guid hostId, string hostName, DateTimeOffset now) =>
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
}
