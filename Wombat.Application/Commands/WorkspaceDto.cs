using AutoMapper;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>A directory with a Makefile that an admin has registered for commands.</summary>
public sealed class WorkspaceDto
{
    public Guid Id { get; init; }

    /// <summary>Unique among the workspaces of its project.</summary>
    /// <example>website</example>
    public string Name { get; init; } = "";

    /// <summary>The project whose commands may use it; null for a workspace of the platform.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>The directory on its machine.</summary>
    /// <example>/srv/website</example>
    public string Path { get; init; } = "";

    /// <summary>The machine of Wombat that has the directory.</summary>
    public string Host { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class WorkspaceProfile : Profile
{
    public WorkspaceProfile() => CreateMap<Workspace, WorkspaceDto>().ForMember(d => d.Host, o => o.MapFrom(w => w.HostName));
}
