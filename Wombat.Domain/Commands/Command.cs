using Wombat.Domain.Common;

namespace Wombat.Domain.Commands;

/// <summary>A thing that the members of a project may execute: a target of make or a program with its arguments.</summary>
public sealed class Command
{
    public const int NameMax = 100;

    private Command() { }

    public Guid Id { get; private set; }

    /// <summary>Unique among the commands of its project.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The project; null for a command of the platform, which is for admins.</summary>
    public Guid? ProjectId { get; private set; }

    public CommandSpec Spec { get; private set; } = new();

    /// <summary>Counts the changes. Each run keeps the version that it executed.</summary>
    public int Version { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public static Command Create(string name, Guid? projectId, CommandSpec spec, DateTimeOffset now) =>
        new()
        {
            Id = Uuid7.At(now),
            Name = name,
            ProjectId = projectId,
            Spec = spec,
            Version = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };

    public void Change(string name, CommandSpec spec, DateTimeOffset now)
    {
        (Name, Spec, UpdatedAt) = (name, spec, now);
        Version++;
    }
}
