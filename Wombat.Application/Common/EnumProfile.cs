using AutoMapper;
using Wombat.Domain.Jobs;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;
using Wombat.Domain.Users;

namespace Wombat.Application.Common;

/// <summary>Maps enums to themselves. Without these maps AutoMapper looks up each value by name.</summary>
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
