using AutoMapper;
using Wombat.Domain.Commands;

namespace Wombat.Application.Commands;

/// <summary>A directory or a git repository that an admin has registered for commands.</summary>
public sealed class WorkspaceDto
{
    public Guid Id { get; init; }

    /// <summary>Unique among the workspaces of its project.</summary>
    /// <example>website</example>
    public string Name { get; init; } = "";

    /// <summary>The project whose commands may use it; null for a workspace of the platform.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>The directory on its machine; null for a repository.</summary>
    /// <example>/srv/website</example>
    public string? Path { get; init; }

    /// <summary>The git repository; null for a directory. Each run has a checkout of its own.</summary>
    /// <example>https://git.example.org/team/website.git</example>
    public string? Repository { get; init; }

    /// <summary>The branch, tag or commit that is checked out; null for the default branch.</summary>
    /// <example>main</example>
    public string? Reference { get; init; }

    /// <summary>The working directory in the repository; null for its root.</summary>
    public string? Directory { get; init; }

    /// <summary>Whether Wombat has an access token for the repository.</summary>
    public bool HasToken { get; init; }

    /// <summary>The machine of Wombat that has the directory, or fetches the repository.</summary>
    public string Host { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class WorkspaceProfile : Profile
{
    public WorkspaceProfile() =>
        CreateMap<Workspace, WorkspaceDto>()
            .ForMember(d => d.Host, o => o.MapFrom(w => w.HostName))
            .ForMember(d => d.Repository, o => o.MapFrom(w => w.Source == null ? null : w.Source.Repository))
            .ForMember(d => d.Reference, o => o.MapFrom(w => w.Source == null ? null : w.Source.Reference))
            .ForMember(d => d.Directory, o => o.MapFrom(w => w.Source == null ? null : w.Source.Directory))
            .ForMember(d => d.HasToken, o => o.MapFrom(w => w.Token != null));
}
