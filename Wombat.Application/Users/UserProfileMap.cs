using AutoMapper;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

internal sealed class UserProfileMap : Profile
{
    public UserProfileMap()
    {
        CreateMap<User, UserDto>().ForMember(d => d.HasPassword, o => o.MapFrom(u => u.PasswordHash != null));
        CreateMap<SshKey, SshKeyDto>();
    }
}
