using AutoMapper;
using Wombat.Application.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>A user as the API shows it; never the password in any form.</summary>
public sealed class UserDto : IVersioned
{
    public Guid Id { get; init; }

    public string Login { get; init; } = "";

    /// <summary>Shown to the user and to admins.</summary>
    public string? Email { get; set; }

    public string FullName { get; init; } = "";

    public PlatformRole PlatformRole { get; init; }

    public bool Active { get; init; }

    /// <summary>Whether the user can sign in with a password of Wombat's own.</summary>
    public bool HasPassword { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    public int Version { get; init; }
}

/// <summary>A public key as the API shows it.</summary>
public sealed class SshKeyDto
{
    public Guid Id { get; init; }

    public string Name { get; init; } = "";

    public string Type { get; init; } = "";

    public string Comment { get; init; } = "";

    public string Fingerprint { get; init; } = "";

    public string PublicKey { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class UserProfileMap : Profile
{
    public UserProfileMap()
    {
        CreateMap<User, UserDto>().ForMember(d => d.HasPassword, o => o.MapFrom(u => u.PasswordHash != null));
        CreateMap<SshKey, SshKeyDto>();
    }
}
