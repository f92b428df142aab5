using AutoMapper;
using Wombat.Domain.Jobs;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;
using Wombat.Domain.Users;

namespace Wombat.Application.Common;

/// <summary>Enums pass as they are. Without this AutoMapper looks each value up by its name, even in its own type.</summary>
internal sealed class EnumProfile : Profile
{
    public EnumProfile()
    {
        CreateMap<Visibility, Visibility>().ConvertUsing(v => v);
        CreateMap<ResourceStatus, ResourceStatus>().ConvertUsing(s => s);
        CreateMap<JobState, JobState>().ConvertUsing(s => s);
        CreateMap<PlatformRole, PlatformRole>().ConvertUsing(r => r);
    }
}
