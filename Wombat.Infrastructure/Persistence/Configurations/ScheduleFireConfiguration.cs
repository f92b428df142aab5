using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Commands;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class ScheduleFireConfiguration : IEntityTypeConfiguration<ScheduleFire>
{
    public void Configure(EntityTypeBuilder<ScheduleFire> builder)
    {
        builder.ToTable("schedule_fires");
        builder.HasKey(f => new { f.ScheduleId, f.At }).HasName("pk_schedule_fires");
        builder
            .HasOne<Schedule>()
            .WithMany()
            .HasForeignKey(f => f.ScheduleId)
            .HasConstraintName("fk_schedule_fires_schedule")
            .OnDelete(DeleteBehavior.Cascade);
    }
}
